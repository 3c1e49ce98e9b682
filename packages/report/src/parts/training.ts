import { curveLabel, curveSvg, curvesOf } from "../charts/curves.js";
import { count, distinctly, duration, title } from "../format.js";
import { type Html, html, trusted } from "../html.js";
import { isObject } from "../preview.js";
import type { MetricsView, RunView } from "../view.js";
import { table } from "./table.js";

/** A block per training: its curves, the epoch that was kept, every epoch as numbers, the layers of the model. */
export async function training({ trainings }: RunView): Promise<Html | null> {
  if (trainings.length === 0) return null;
  const blocks: Html[] = [];
  for (const item of trainings) blocks.push(await block(item));
  return html`<section id="training"><h2>Training</h2>${blocks}</section>`;
}

async function block(view: MetricsView): Promise<Html> {
  const { stage, metrics } = view;
  const curves = curvesOf(metrics.curves ?? {});
  const best = bestEpoch(view);
  const charts: Html[] = [];
  for (const curve of curves) {
    const svg = await curveSvg(curve, best?.epoch ?? null, curveLabel(curve, stage.name));
    charts.push(html`<figure><figcaption>${title(curve.measure)}</figcaption>${trusted(svg)}</figure>`);
  }
  const epochs = Math.max(0, ...curves.map(({ train, validation }) => Math.max(train.length, validation.length)));
  const { epochs: records } = stage.result;
  const perEpoch = records.length > 0 ? records.reduce((sum, { ms }) => sum + ms, 0) / records.length : null;
  const validated = curves.some(({ validation }) => validation.length > 0);
  const facts = [
    count(epochs, "epoch"),
    ...(best === null ? [] : [`best: epoch ${best.epoch}`]),
    ...(perEpoch === null ? [] : [`${duration(perEpoch)} per epoch`]),
  ].join(" · ");
  const summary = metrics.tables?.summary;
  return html`<div class="block"><h3><a href="#${stage.anchor}">${stage.name}</a></h3><p class="muted small">${facts}</p>
<div class="charts">${charts}</div>
<ul class="legend"><li><span class="key line train"></span>training</li>${
    validated && html`<li><span class="key line"></span>validation</li>`
  }${best !== null && html`<li><span class="key ring"></span>${best.kept ? "epoch whose weights were kept" : "least validation loss; the weights of the last epoch were kept"}</li>`}</ul>
${epochTable(metrics.curves ?? {}, best?.epoch ?? null)}${
  summary !== undefined && html`<h4 style="margin-top:1.2rem">Model</h4>${table(summary, `Layers of ${stage.name}`)}`
}</div>`;
}

function epochTable(curves: Readonly<Record<string, readonly number[]>>, best: number | null): Html {
  const names = Object.keys(curves);
  const epochs = Math.max(0, ...names.map((name) => curves[name].length));
  // Where the best epoch is marked, a reader must see that it is the best.
  const texts = new Map(names.map((name) => [name, distinctly(name, curves[name])]));
  const rows = Array.from(
    { length: epochs },
    (_, at) =>
      html`<tr><th scope="row" class="n">${at + 1}${at + 1 === best && " ◯"}</th>${names.map(
        (name) => html`<td class="n">${texts.get(name)?.[at] ?? "–"}</td>`,
      )}</tr>`,
  );
  return html`<details><summary>Every epoch as numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="Epochs"><table><thead><tr><th scope="col" class="n">epoch</th>${names.map(
    (name) => html`<th scope="col" class="n">${title(name)}</th>`,
  )}</tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

/** An epoch to mark. `kept`: the model has its weights; otherwise it has the last ones, and this is where validation was best. */
export interface MarkedEpoch {
  /** Counted from 1. */
  readonly epoch: number;
  readonly kept: boolean;
}

/** The epoch whose weights were kept, where the model says so; else the one with the least validation loss, if there is one. */
export function bestEpoch({ stage, metrics }: MetricsView): MarkedEpoch | null {
  for (const output of Object.values(stage.result.outputs)) {
    const config = output.artifact === "model" && isObject(output.preview) ? output.preview.config : undefined;
    const kept = isObject(config) ? config.best_epoch : undefined;
    if (typeof kept === "number" && Number.isInteger(kept) && kept >= 1) return { epoch: kept, kept: true };
  }
  const losses = metrics.curves?.val_loss ?? [];
  const least = Math.min(...losses);
  return losses.length === 0 || !Number.isFinite(least) ? null : { epoch: losses.indexOf(least) + 1, kept: false };
}
