import { dataset, defineStage } from "@seqloom/core";
import { z } from "zod";
import { COPY_PARAMS, randomOfCopy, withCopies } from "../copies.js";
import { seriesOf, signalOf } from "../signals.js";

const count = z.int().min(0).max(100);

/** Blanks stretches of time and bands of frequency of spectrograms at random, so that a model relies on none. */
export const specAugment = defineStage({
  id: "audio/spec-augment",
  version: 1,
  description: "Adds copies of spectrograms with stretches of time and bands of frequency blanked at random.",
  seeded: true,
  params: z.strictObject({
    ...COPY_PARAMS,
    time_masks: count.default(2).describe("Stretches of time to blank"),
    time_width: z.int().min(1).default(20).describe("Most frames of a stretch; the width is drawn from 0 to this"),
    time_share: z.number().positive().max(1).default(0.2).describe("Most that a stretch may take of the whole clip"),
    frequency_masks: count.default(2).describe("Bands of frequency to blank"),
    frequency_width: z.int().min(1).default(8).describe("Most values of a band; the width is drawn from 0 to this"),
    fill: z
      .enum(["mean", "zero"])
      .default("mean")
      .describe("What is put in their place: the mean of the clip, or 0, which is the mean after data/standardise"),
  }),
  inputs: { data: dataset({ series: "series" }, { optional: { split: "label" } }) },
  outputs: { data: dataset({ series: "series" }) },
  keepsColumns: true,
  inference: "skip",
  check: ({ time_masks, frequency_masks }) =>
    time_masks + frequency_masks === 0
      ? [{ path: ["time_masks"], message: "nothing is to be blanked", hint: "Ask for a mask of time or of frequency." }]
      : [],
  examples: [{ title: "one copy of each row of train, as in the paper", with: { frequency_width: 8, time_width: 20 } }],
  run: (inputs, params, context) => {
    const { data, copy } = withCopies(inputs.data, params);
    const series = data.column("series");
    const { width } = series;
    // Park and others 2019, "SpecAugment", section 2; the warping of time, which they found to matter least, is left out.
    const masked = (row: number): Float32Array => {
      const values = signalOf(series, row);
      if (copy[row] < 0 || values.length === 0) return values;
      const random = randomOfCopy(context.random, values, copy[row]);
      const frames = values.length / width;
      const fill = params.fill === "zero" ? 0 : meanOf(values);
      const out = values.slice();
      const longest = Math.min(params.time_width, Math.floor(params.time_share * frames));
      for (let mask = 0; mask < params.time_masks; mask++) {
        const length = random.integer(longest + 1);
        const from = random.integer(frames - length + 1);
        out.fill(fill, from * width, (from + length) * width);
      }
      for (let mask = 0; mask < params.frequency_masks; mask++) {
        const length = random.integer(Math.min(params.frequency_width, width) + 1);
        const from = random.integer(width - length + 1);
        for (let frame = 0; frame < frames; frame++) {
          out.fill(fill, frame * width + from, frame * width + from + length);
        }
      }
      return out;
    };
    return { data: data.with<{ series: "series" }>({ series: seriesOf(data.rows, width, masked, context) }) };
  },
});

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
