import type { PaddedColumn } from "@seqloom/core";
import type { InputSpec } from "../input.js";
import { largest, stepOffsets } from "../tagging.js";
import type { AnswerTo } from "./answer.js";

/** The column `predicted_tags`: the most likely class of each step; none where an id only fills the row. */
export function answerWithTags(input: InputSpec, classes: readonly string[]): AnswerTo {
  return (data) => {
    const width = classes.length;
    const offsets = stepOffsets(data, input);
    const first = offsets[0];
    const indices = new Int32Array(offsets[data.rows] - first).fill(-1);
    const padded = input.column === "ids" && !input.any_length ? (data.column("ids") as PaddedColumn) : null;
    return {
      read: (_, outputs) => [outputs],
      take(places, [logits]) {
        const time = logits.length / (places.length * width);
        for (const [i, row] of places.entries()) {
          for (let at = offsets[row]; at < offsets[row + 1]; at++) {
            if (padded !== null && padded.values[at] === padded.pad) continue;
            indices[at - first] = largest(logits, (i * time + at - offsets[row]) * width, width);
          }
        }
      },
      columns: () => ({
        predicted_tags: {
          type: "tags",
          dictionary: classes,
          indices,
          offsets: offsets.map((offset) => offset - first),
        },
      }),
    };
  };
}
