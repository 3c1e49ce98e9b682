import type { Dataset, StoredOutput } from "@seqloom/core";
import { type Html, html } from "../html.js";
import { datasetPreview } from "../preview.js";
import type { RunView } from "../view.js";
import { type Clip, shownSeconds } from "./clip.js";
import { type Sounds, soundsOf } from "./find.js";
import { alignmentPanel } from "./panels/alignment.js";
import { pitchPanel } from "./panels/pitch.js";
import { featurePanel, spectrumPanel } from "./panels/spectra.js";
import { waveform } from "./panels/waveform.js";
import { player, type Room } from "./player.js";
import { clipsOf } from "./rows.js";

/** Reads a part of an output, some megabytes: 0 is the first, -1 the last. Null where it is not there, or not any more. */
export type ReadPart = (output: StoredOutput, part: number) => Promise<unknown>;

/** Clips of each stage that are shown. */
const CLIPS = 3;

/** Example clips of the sounds of a run: to hear, and as pictures of what was computed of them. Null where there are none. */
export async function soundPart(view: RunView, read: ReadPart, room: Room): Promise<Html | null> {
  const blocks: Html[] = [];
  for (const sounds of soundsOf(view)) {
    const clips = await examples(sounds, read);
    if (clips.length > 0) blocks.push(await block(sounds, clips, room));
  }
  return blocks.length === 0 ? null : html`<section id="sound"><h2>Sound</h2>${blocks}</section>`;
}

/** Clips of the last part where there are test rows, which come last; of the one before, where it is only the rest. */
async function examples(sounds: Sounds, read: ReadPart): Promise<Clip[]> {
  const tests = datasetPreview(sounds.output)?.splits?.test ?? 0;
  let clips: Clip[] = [];
  for (const part of tests > 0 ? [-1, -2] : [0]) {
    const data = (await read(sounds.output, part)) as Dataset | null;
    const found = data === null ? [] : clipsOf(data, sounds, CLIPS);
    if (found.length > clips.length) clips = found;
    if (clips.length === CLIPS) break;
  }
  return clips;
}

async function block(sounds: Sounds, clips: readonly Clip[], room: Room): Promise<Html> {
  const shown: Html[] = [];
  for (const clip of clips) shown.push(await card(sounds, clip, room));
  const column = sounds.signal === "signal" ? "" : ` (column ${sounds.signal})`;
  return html`<div class="block"><h3>After <a href="#${sounds.stage.anchor}">${sounds.stage.name}</a>${column}</h3>${shown}</div>`;
}

async function card(sounds: Sounds, clip: Clip, room: Room): Promise<Html> {
  const { wavBytes } = await import("@seqloom/audio");
  const panels: Html[] = [waveform(clip)];
  // Where nothing shows the frequencies, the report computes them: a waveform alone says little.
  if (sounds.features.length === 0) panels.push(await spectrumPanel(clip));
  for (const feature of sounds.features) {
    const panel = feature.use === "audio/pitch" ? await pitchPanel(feature, clip) : await featurePanel(feature, clip);
    if (panel !== null) panels.push(panel);
  }
  if (sounds.speech !== null && clip.said !== null) panels.push(alignmentPanel(sounds.speech.stage, clip.said, clip));
  const shown = shownSeconds(clip);
  const length = `${seconds(clip.seconds)} at ${clip.sampleRate} Hz${shown < clip.seconds ? `, the first ${seconds(shown)} of it` : ""}`;
  return html`<article class="clip"><header><h4>${clip.name}</h4><span class="muted small">${[...clip.facts, length].join(" · ")}</span></header>
${player(`${clip.name} after ${sounds.stage.name}`, "audio/wav", wavBytes(clip.samples, clip.sampleRate), room)}${panels}</article>`;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
