import { type Dataset, dataset, defineStage, fail, value } from "@seqloom/core";
import { z } from "zod";
import { tokensOf } from "../answers/sequences.js";
import { configOf } from "../artifact.js";
import { beamSearch } from "../decoding/beam.js";
import { BLANK } from "../sequences.js";

/** Decodes the probabilities of frames once more, by beam search: models/train-ctc gives the best path. */
export const decodeCtc = defineStage({
  id: "models/decode-ctc",
  version: 1,
  description: "Finds the most probable tokens for the frames that a model trained by CTC saw, by beam search",
  inputs: { model: value("model"), data: dataset({ frame_probabilities: "series" }) },
  outputs: { data: dataset({ predicted_tokens: "tokens" }) },
  keepsColumns: true,
  params: z.strictObject({
    beam_width: z.int().positive().default(16).describe("Prefixes that are followed at the same time"),
  }),
  async run({ model, data }, { beam_width }, context) {
    const { task, classes } = configOf(model);
    const { values, offsets, width } = data.column("frame_probabilities");
    if (task !== "sequences" || width !== classes.length + 1) {
      throw fail("model-task", "this model was not trained by CTC on these frames", {
        hint: "Take the state and the data of the same models/train-ctc.",
      });
    }
    const said: Int32Array[] = [];
    for (let row = 0; row < data.rows; row++) {
      context.signal.throwIfAborted();
      if (row % 64 === 0) context.progress({ done: row, total: data.rows, unit: "rows" });
      const own = values.subarray(offsets[row] * width, offsets[row + 1] * width);
      said.push(beamSearch(own, offsets[row + 1] - offsets[row], width, BLANK, beam_width));
    }
    return { data: (data as unknown as Dataset).with({ predicted_tokens: tokensOf(said, classes) }) as never };
  },
});
