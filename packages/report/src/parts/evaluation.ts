import type { Metrics, MetricsTable } from "@seqloom/core";
import { linesLabel, linesSvg } from "../charts/lines.js";
import { pointMap } from "../charts/points.js";
import { fractional, grouped, percent, title } from "../format.js";
import { type Html, html, trusted } from "../html.js";
import type { MetricsView, RunView } from "../view.js";
import { cellText, table } from "./table.js";

const DENSE = 12;
const WRONG = 6;
const RIGHT = 4;

type Row = MetricsTable["rows"][number];

/** A block per evaluation: charts, maps of rows, the confusion matrix, the numbers per class, predictions right and wrong. */
export async function evaluation({ evaluations }: RunView): Promise<Html | null> {
  const shown = evaluations.filter(
    ({ metrics }) => metrics.confusion || metrics.tables || metrics.charts || metrics.maps,
  );
  if (shown.length === 0) return null;
  const blocks: Html[] = [];
  for (const item of shown) blocks.push(await block(item));
  return html`<section id="evaluation"><h2>Evaluation</h2>${blocks}</section>`;
}

async function block({ stage, metrics }: MetricsView): Promise<Html> {
  const { per_class: perClass, examples, ...others } = metrics.tables ?? {};
  const charts: Html[] = [];
  for (const [name, chart] of Object.entries(metrics.charts ?? {})) {
    const svg = await linesSvg(chart, linesLabel(chart, stage.name));
    charts.push(
      html`<figure><figcaption>${title(name)}</figcaption>${trusted(svg)}${
        chart.marks !== undefined &&
        html`<ul class="legend">${chart.marks.map((mark) => html`<li><span class="key ring"></span>${mark.name}</li>`)}</ul>`
      }</figure>`,
    );
  }
  return html`<div class="block"><h3><a href="#${stage.anchor}">${stage.name}</a></h3>${charts.length > 0 && html`<div class="charts">${charts}</div>`}<div class="split">
${Object.entries(metrics.maps ?? {}).map(([name, map]) => pointMap(map, `${title(name)} of ${stage.name}`))}
${metrics.confusion && confusionMatrix(metrics.confusion, stage.name)}
${perClass && html`<figure><figcaption>Per class</figcaption>${table(perClass, `Measures of ${stage.name} per class`)}</figure>`}
${Object.entries(others).map(([name, item]) => html`<figure><figcaption>${title(name)}</figcaption>${table(item, `${title(name)} of ${stage.name}`)}</figure>`)}</div>
${examples && html`<h4 style="margin-top:1.4rem">Example predictions</h4>${exampleTable(examples, stage.name)}`}</div>`;
}

/** The matrix as a heat map: shade by the share of the actual class, so that a rare class shows as clearly as a common one. */
export function confusionMatrix({ classes, counts }: NonNullable<Metrics["confusion"]>, name: string): Html {
  const dense = classes.length > DENSE;
  const rows = counts.map((row, actual) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    const cells = row.map((value, predicted) => {
      const share = total === 0 ? 0 : value / total;
      const words = `${grouped(value)} of ${grouped(total)} rows of class ${classes[actual]} predicted as ${classes[predicted]}`;
      return html`<td class="${share > 0.78 ? "dark" : ""}" style="--p:${(share * 0.94).toFixed(3)}" title="${words}"><b>${grouped(value)}</b>${!dense && html`<span>${percent(share)}</span>`}</td>`;
    });
    return html`<tr><th scope="row">${classes[actual]}</th>${cells}</tr>`;
  });
  return html`<figure><figcaption>Confusion matrix</figcaption><div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix of ${name}"><table class="heat${dense ? " dense" : ""}">
<thead><tr><th class="axis">actual ↓</th><th class="axis" colspan="${classes.length}">predicted →</th></tr><tr><th></th>${classes.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></figure>`;
}

/** Examples with a mark for right and wrong where the table tells actual and predicted class; more wrong ones, they teach more. */
function exampleTable(examples: MetricsTable, name: string): Html {
  const actual = examples.columns.findIndex((column) => /^(label|actual|expected|true|truth)$/.test(column));
  const predicted = examples.columns.findIndex((column) => /^(prediction|predicted)$/.test(column));
  if (actual < 0 || predicted < 0) return table(examples, `Examples of ${name}`);
  const isRight = (row: Row) => row[actual] === row[predicted];
  const right = examples.rows.filter(isRight);
  const wrong = examples.rows.filter((row) => !isRight(row));
  const rest = [...wrong.slice(WRONG), ...right.slice(RIGHT)];
  const shown = (rows: readonly Row[]) => markedRows(examples.columns, rows, isRight);
  return html`${shown([...wrong.slice(0, WRONG), ...right.slice(0, RIGHT)])}${
    rest.length > 0 && html`<details><summary>${rest.length} more</summary>${shown(rest)}</details>`
  }`;
}

function markedRows(columns: readonly string[], rows: readonly Row[], isRight: (row: Row) => boolean): Html {
  const shown = columns.map((_, at) => at).filter((at) => !/^(correct|right)$/.test(columns[at]));
  const decimals = shown.map((at) => fractional(rows.map((row) => row[at])));
  const cells = (row: Row) =>
    shown.map((at, place) => {
      const kind = columns[at] === "text" ? "" : "short";
      return html`<td class="${kind}" data-label="${title(columns[at])}">${cellText(row[at], columns[at], decimals[place])}</td>`;
    });
  const mark = (row: Row) =>
    isRight(row) ? html`<td class="right">✓ right</td>` : html`<td class="wrong">✗ wrong</td>`;
  return html`<table class="wide examples sample"><thead><tr><th scope="col">Verdict</th>${shown.map(
    (at) => html`<th scope="col">${title(columns[at])}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${mark(row)}${cells(row)}</tr>`)}</tbody></table>`;
}
