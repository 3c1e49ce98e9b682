import { type Html, html } from "../../html.js";
import { type Clip, type Said, shownSeconds } from "../clip.js";
import { fixed, framed, PLOT } from "../frame.js";
import { heat } from "../heat.js";

/** Height of an output, and of the line of what is said. */
const [OUTPUT, LINE] = [11, 20];
/** More outputs than this are not drawn: those that the best path goes through, then, and the blank. */
const OUTPUTS = 32;

/** A stretch of frames in which the best path stays on one output. */
interface Run {
  readonly output: number;
  readonly start: number;
  readonly end: number;
}

/** What a model trained by CTC says over the frames: the probabilities of its outputs, its best path, and what was to be said. */
export function alignmentPanel(stage: string, said: Said, clip: Clip): Html {
  const width = said.classes.length + 1;
  const path = bestPath(said.probabilities, width);
  const runs = runsOf(path).filter(({ output }) => output > 0);
  const shown = shownOutputs(width, runs);
  const height = LINE + shown.length * OUTPUT;
  const values = new Float32Array(path.length * shown.length);
  for (let t = 0; t < path.length; t++) {
    for (const [place, output] of shown.entries()) {
      values[t * shown.length + place] = said.probabilities[t * width + output];
    }
  }
  const x = (t: number): number => (t / path.length) * PLOT;
  const nameOf = (output: number): string => (output === 0 ? "blank" : shownToken(said.classes[output - 1] ?? ""));
  return html`${framed({
    caption: `What ${stage} says over the frames: probabilities of its outputs, best path on top`,
    label: `Alignment of ${clip.name}: ${runs.map(({ output }) => nameOf(output)).join(" ")}`,
    seconds: shownSeconds(clip),
    height,
    ticks: shown.map((output, place) => ({ text: nameOf(output), at: ((place + 0.5) * OUTPUT) / height })),
    content: html`${runs.map(
      ({ output, start, end }) =>
        html`<line class="said" x1="${fixed(x((start + end) / 2))}" x2="${fixed(x((start + end) / 2))}" y1="${LINE - 4}" y2="${LINE}"/><text class="said" x="${fixed(x((start + end) / 2))}" y="${LINE - 7}" text-anchor="middle">${nameOf(output)}</text>`,
    )}<g transform="translate(0 ${LINE})">${heat({ values, width: shown.length }, 0, 1, height - LINE, [0, 1])}</g>`,
    colors: { low: "0", high: "1", unit: "" },
  })}${verdict(said)}`;
}

function verdict({ predicted, wanted }: Said): Html {
  const joined = (tokens: readonly string[]): string =>
    tokens.join([...predicted, ...(wanted ?? [])].every((token) => [...token].length <= 1) ? "" : " ");
  const [given, right] = [joined(predicted), wanted && joined(wanted)];
  return html`<dl class="pairs said"><div><dt>said</dt><dd>${given === "" ? "nothing" : given}${
    right !== null &&
    (given === right ? html` <span class="right">✓ right</span>` : html` <span class="wrong">✗ wrong</span>`)
  }</dd></div>${right !== null && html`<div><dt>to be said</dt><dd>${right}</dd></div>`}</dl>`;
}

/** The most probable output of each frame. */
function bestPath(probabilities: Float32Array, width: number): number[] {
  return Array.from({ length: Math.floor(probabilities.length / width) }, (_, t) => {
    let best = 0;
    for (let output = 1; output < width; output++) {
      if (probabilities[t * width + output] > probabilities[t * width + best]) best = output;
    }
    return best;
  });
}

function runsOf(path: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const [t, output] of path.entries()) {
    const last = runs.at(-1);
    if (last?.output === output) runs[runs.length - 1] = { ...last, end: t + 1 };
    else runs.push({ output, start: t, end: t + 1 });
  }
  return runs;
}

function shownOutputs(width: number, runs: readonly Run[]): number[] {
  if (width <= OUTPUTS) return Array.from({ length: width }, (_, output) => output);
  return [...new Set([0, ...runs.map(({ output }) => output)])].sort((a, b) => a - b).slice(0, OUTPUTS);
}

function shownToken(token: string): string {
  return token.trim() === "" ? "␣" : [...token].length > 8 ? `${[...token].slice(0, 7).join("")}…` : token;
}
