import type { SeriesColumn } from "@seqloom/core";
import { bestPath, collapse } from "../decoding/best-path.js";
import type { LayerParams } from "../layers/index.js";
import { type Network, stepsAfter } from "../network.js";
import { BLANK } from "../sequences.js";
import type { AnswerTo } from "./answer.js";

/** The columns `predicted_tokens`, what the best path says, and `frame_probabilities`, of the blank and all classes at each step. */
export function answerWithSequences(
  network: Network,
  layers: readonly LayerParams[],
  classes: readonly string[],
): AnswerTo {
  const after = stepsAfter(layers, network.input);
  return (data) => {
    const width = classes.length + 1;
    const series = (data.column("series") as SeriesColumn).offsets;
    const offsets = new Int32Array(data.rows + 1);
    for (let row = 0; row < data.rows; row++) offsets[row + 1] = offsets[row] + after(series[row + 1] - series[row]);
    const values = new Float32Array(offsets[data.rows] * width);
    const said: Int32Array[] = [];
    return {
      read: ({ tf }, outputs) => [tf.softmax(outputs)],
      take(places, [probabilities]) {
        const size = probabilities.length / places.length;
        for (const [i, row] of places.entries()) {
          const frames = offsets[row + 1] - offsets[row];
          for (let at = 0; at < frames * width; at++) values[offsets[row] * width + at] = probabilities[i * size + at];
          said[row] = collapse(bestPath(probabilities, i * size, frames, width), BLANK);
        }
      },
      columns: () => ({
        predicted_tokens: tokensOf(said, classes),
        frame_probabilities: { type: "series", values, offsets, width },
      }),
    };
  };
}

/** Outputs as tokens: output 1 is the first class. */
export function tokensOf(rows: readonly Int32Array[], classes: readonly string[]) {
  const offsets = new Int32Array(rows.length + 1);
  for (const [row, outputs] of rows.entries()) offsets[row + 1] = offsets[row] + outputs.length;
  const indices = new Int32Array(offsets[rows.length]);
  for (const [row, outputs] of rows.entries()) {
    indices.set(
      outputs.map((output) => output - 1),
      offsets[row],
    );
  }
  return { type: "tokens", dictionary: classes, indices, offsets } as const;
}
