import type { PaddedColumn } from "@seqloom/core";
import type { InputSpec } from "../input.js";
import { largest, stepOffsets } from "../tagging.js";
import type { AnswerTo } from "./answer.js";

/**
 * The columns `predicted_tags`, the most likely class of each step, and `tag_probabilities`, of all classes at each step, in the
 * order of the dictionary of the tags. Where an id only fills the row there is no tag, and the probabilities are 0.
 */
export function answerWithTags(input: InputSpec, classes: readonly string[]): AnswerTo {
  return (data) => {
    const width = classes.length;
    const first = stepOffsets(data, input)[0];
    const offsets = stepOffsets(data, input).map((offset) => offset - first);
    const indices = new Int32Array(offsets[data.rows]).fill(-1);
    const values = new Float32Array(indices.length * width);
    const padded = input.column === "ids" && !input.any_length ? (data.column("ids") as PaddedColumn) : null;
    return {
      read: ({ tf }, outputs) => [outputs, tf.softmax(outputs)],
      take(places, [logits, probabilities]) {
        const time = logits.length / (places.length * width);
        for (const [i, row] of places.entries()) {
          for (let at = offsets[row]; at < offsets[row + 1]; at++) {
            if (padded !== null && padded.values[first + at] === padded.pad) continue;
            const from = (i * time + at - offsets[row]) * width;
            indices[at] = largest(logits, from, width);
            for (let place = 0; place < width; place++) values[at * width + place] = probabilities[from + place];
          }
        }
      },
      columns: () => ({
        predicted_tags: { type: "tags", dictionary: classes, indices, offsets },
        tag_probabilities: { type: "series", values, offsets, width },
      }),
    };
  };
}
