import { type Html, html } from "../../html.js";
import { type Clip, shownSeconds } from "../clip.js";
import { fixed, framed, PLOT } from "../frame.js";

const HEIGHT = 72;

/** The samples over time; where many fall on one column, the line from the least to the greatest of them. */
export function waveform(clip: Clip): Html {
  const { samples } = clip;
  const peak = samples.reduce((top, sample) => Math.max(top, Math.abs(sample)), 0);
  const top = peak === 0 ? 1 : peak;
  const y = (value: number): string => fixed((0.5 - (0.46 * value) / top) * HEIGHT);
  const shown = peak === 0 ? "1" : String(Number(peak.toPrecision(2)));
  return framed({
    caption: "Waveform",
    label: `Waveform of ${clip.name}: ${shownSeconds(clip).toFixed(2)} seconds, largest sample ${peak.toFixed(3)} of full scale`,
    seconds: shownSeconds(clip),
    height: HEIGHT,
    ticks: [
      { text: shown, at: 0.96 },
      { text: "0", at: 0.5 },
      { text: `−${shown}`, at: 0.04 },
    ],
    content: html`<line class="zero" x1="0" x2="${PLOT}" y1="${HEIGHT / 2}" y2="${HEIGHT / 2}"/><path class="wave" d="${pathOf(samples, y)}"/>`,
  });
}

function pathOf(samples: Float32Array, y: (value: number) => string): string {
  if (samples.length <= 2 * PLOT) {
    const step = PLOT / Math.max(samples.length - 1, 1);
    return Array.from(samples, (sample, i) => `${i === 0 ? "M" : "L"}${fixed(i * step)} ${y(sample)}`).join("");
  }
  let path = "";
  for (let x = 0; x < PLOT; x++) {
    const column = samples.subarray(
      Math.floor((x * samples.length) / PLOT),
      Math.ceil(((x + 1) * samples.length) / PLOT),
    );
    let [low, high] = [column[0], column[0]];
    for (const sample of column) {
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    // Up on even columns and down on odd ones: one line, without jumps across it.
    const [first, second] = x % 2 === 0 ? [low, high] : [high, low];
    path += `${x === 0 ? "M" : "L"}${x} ${y(first)}L${x} ${y(second)}`;
  }
  return path;
}
