import type { RunRecord } from "@seqloom/core";
import { type Html, html, trusted } from "./html.js";
import { environment } from "./parts/environment.js";
import { evaluation } from "./parts/evaluation.js";
import { graphPart, timesPart } from "./parts/flow.js";
import { header, problems } from "./parts/header.js";
import { profile } from "./parts/profile.js";
import { results } from "./parts/results.js";
import { stages } from "./parts/stages.js";
import { training } from "./parts/training.js";
import { shownFiles } from "./sound/files.js";
import { type ReadPart, soundPart } from "./sound/part.js";
import { Room } from "./sound/player.js";
import { STYLE } from "./style.js";
import { type RunView, viewOf } from "./view.js";

/** Nothing may be loaded or run: even markup that slipped through could reach no one. */
export const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'";

/**
 * The report of a run as one HTML file that needs no network and no script: results, graph, times, training curves,
 * confusion matrices, and for every stage its parameters, reasons and rows before and after. Everything that comes from data
 * is escaped. The same record and results give the same bytes.
 * @param read gives results themselves, for sounds to play and pictures of them; without it there are none
 */
export async function renderReport(record: RunRecord, read: ReadPart = async () => null): Promise<string> {
  const view = viewOf(record);
  const room = new Room();
  const sound = await soundPart(view, read, room);
  const files = await shownFiles(view, read, room);
  const parts: readonly (readonly [string, string, Html | null])[] = [
    ["problems", "Problems", problems(view)],
    ["results", "Results", results(view)],
    ["graph", "Pipeline", await graphPart(view)],
    ["times", "Time", timesPart(view)],
    ["training", "Training", await training(view)],
    ["profile", "Profile", profile(view)],
    ["evaluation", "Evaluation", await evaluation(view)],
    ["sound", "Sound", sound],
    ["stages", "Stages", stages(view, files)],
    ["environment", "Environment", environment(view)],
  ];
  const shown = parts.filter(([, , part]) => part !== null);
  return html`${trusted("<!doctype html>")}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="generator" content="Seqloom">
<title>${record.pipeline.name} · ${record.run}</title><style>${trusted(STYLE)}</style></head>
<body><a class="skip-link" href="#main">To the content</a><div class="page">${header(view)}
${contents(view, shown)}
<main id="main">${shown.map(([, , part]) => part)}</main>
<footer>Made by Seqloom from the record of run <span class="mono">${record.run}</span>.</footer></div></body></html>
`.markup;
}

function contents(view: RunView, shown: readonly (readonly [string, string, unknown])[]): Html {
  return html`<nav class="toc" aria-label="Contents"><ul>${shown.map(
    ([id, name]) =>
      html`<li><a href="#${id}">${name}</a>${id === "stages" && html`<ul>${view.stages.map((stage) => html`<li><a href="#${stage.anchor}">${stage.name}</a></li>`)}</ul>`}</li>`,
  )}</ul></nav>`;
}
