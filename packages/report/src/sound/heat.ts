import { type Html, html } from "../html.js";
import { COLORS } from "./colors.js";
import { fixed, PLOT, pngUri } from "./frame.js";

/** Pictures with fewer columns or rows are drawn as cells, not smoothed: a reader sees each frame. */
const SMOOTH = 320;
/** More columns and rows than this are not seen. */
const [COLUMNS, ROWS] = [640, 256];

/** Values over time: `values[frame * width + place]`. */
export interface Grid {
  readonly values: Float32Array;
  readonly width: number;
}

/** The least and the greatest of the finite values. */
export function rangeOf(values: Float32Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high && value < Number.POSITIVE_INFINITY) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/**
 * A grid as a picture, time to the right and places upwards, dark for `low` and bright for `high`. Where there are more frames
 * than the picture has columns, the greatest of them is shown: a short sound must not vanish.
 * @param from where it begins and how wide it is, as parts of the width of the plot
 */
export function heat(
  { values, width }: Grid,
  low: number,
  high: number,
  height: number,
  from: readonly [number, number],
): Html {
  const frames = values.length / width;
  const [columns, rows] = [Math.max(1, Math.min(frames, COLUMNS)), Math.max(1, Math.min(width, ROWS))];
  const pixels = new Uint8Array(columns * rows);
  const scale = (COLORS - 1) / (high - low || 1);
  for (let frame = 0; frame < frames; frame++) {
    const x = Math.floor((frame * columns) / frames);
    for (let place = 0; place < width; place++) {
      const at = (rows - 1 - Math.floor((place * rows) / width)) * columns + x;
      const color = Math.max(0, Math.min(COLORS - 1, Math.round((values[frame * width + place] - low) * scale) || 0));
      if (color > pixels[at]) pixels[at] = color;
    }
  }
  const sharp = columns < SMOOTH;
  return html`<image${sharp && html` class="cells"`} x="${fixed(from[0] * PLOT)}" y="0" width="${fixed(from[1] * PLOT)}" height="${height}" preserveAspectRatio="none" href="${pngUri(columns, rows, pixels)}"/>`;
}
