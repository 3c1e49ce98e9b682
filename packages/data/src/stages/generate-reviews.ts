import { Dataset, dataset, defineStage, labels, type ParamProblem, type Random, utf8 } from "@seqloom/core";
import { z } from "zod";
import { mirroredPair, type ReviewPair } from "../reviews.js";
import { countsOf, splitColumn } from "../splits.js";

const size = z.number().min(0);

const params = z.strictObject({
  rows: z
    .int()
    .min(2)
    .max(200_000)
    .default(2000)
    .describe("Reviews to write: half positive, half negative, so an even number"),
  validation: size.default(0.1).describe("Reviews of validation: a share below 1, or an even count"),
  test: size.default(0.2).describe("Reviews of test: a share below 1, or an even count"),
  noise: z.number().min(0).max(1).default(0).describe("Share of reviews with the wrong label"),
  min_words: z.int().min(4).max(50).default(6).describe("Words of the shortest review"),
  max_words: z.int().min(12).max(70).default(24).describe("Words of the longest review"),
});

/**
 * Writes short film reviews in which only the order of the words tells the sentiment: each review has a mirror with the
 * other label and exactly the same words, so any bag of words is right on half of them.
 */
export const generateReviews = defineStage({
  id: "data/generate-reviews",
  version: 1,
  description: "Writes short film reviews in which only the order of the words tells the sentiment.",
  params,
  inputs: {},
  outputs: { data: dataset({ text: "utf8", label: "label", split: "label" }) },
  seeded: true,
  inference: "source",
  examples: [
    {
      title: "a review and its mirror",
      with: { rows: 2, validation: 0, test: 0, max_words: 14 },
      out: [
        { text: "Instead of funny, the editing was terrible.", label: "negative", split: "train" },
        { text: "Instead of terrible, the editing was funny.", label: "positive", split: "train" },
      ],
    },
  ],
  check: ({ rows, validation, test, min_words, max_words }) => {
    const problems: ParamProblem[] = [];
    const add = (path: string, message: string, hint: string): void =>
      void problems.push({ path: [path], message, hint });
    if (rows % 2 === 1) add("rows", `${rows} is odd`, "Each review has a mirror: write an even number.");
    for (const [name, given] of Object.entries({ validation, test })) {
      if (given >= 1 && given % 2 !== 0)
        add(name, `${given} is no even count`, "A review and its mirror stay together.");
    }
    if (min_words > max_words - 8)
      add("min_words", "min_words is too near to max_words", "Leave 8 words between them.");
    const [train] = countsOf(rows / 2, { validation: pairs(validation), test: pairs(test) });
    if (train < 1) add("validation", "validation and test leave no reviews for train", "Lower one of them.");
    return problems;
  },
  run: (_, { rows, validation, test, noise, min_words, max_words }, context) => {
    const written = writePairs(rows / 2, min_words, max_words, context.random.fork("pairs"), context.signal);
    const sizes = countsOf(written.length, { validation: pairs(validation), test: pairs(test) });
    const wrong = new Set(
      context.random
        .fork("noise")
        .permutation(written.length)
        .subarray(0, Math.round(noise * written.length)),
    );
    // Row 2p is the positive of pair p, row 2p + 1 the negative.
    const order = context.random.fork("order").permutation(rows);
    const text = Array.from(order, (row) => (row % 2 === 0 ? written[row >> 1].positive : written[row >> 1].negative));
    const label = Array.from(order, (row) => ((row % 2 === 0) !== wrong.has(row >> 1) ? "positive" : "negative"));
    const split = order.map((row) => (row >> 1 < sizes[0] ? 0 : row >> 1 < sizes[0] + sizes[1] ? 1 : 2));
    return {
      data: Dataset.of<{ text: "utf8"; label: "label"; split: "label" }>({
        text: utf8(text),
        label: labels(label, ["negative", "positive"]),
        split: splitColumn(split),
      }),
    };
  },
});

/** A size in reviews as one in pairs. */
function pairs(size: number): number {
  return size < 1 ? size : size / 2;
}

/** So many pairs, no text twice. There are millions of reviews of any length that the parameters allow. */
function writePairs(count: number, least: number, most: number, random: Random, signal: AbortSignal): ReviewPair[] {
  const written: ReviewPair[] = [];
  const seen = new Set<string>();
  for (let tries = 0; written.length < count; tries++) {
    if (tries % 4096 === 0) signal.throwIfAborted();
    const pair = mirroredPair(random, least, most);
    if (pair === undefined || seen.has(pair.positive) || seen.has(pair.negative)) continue;
    seen.add(pair.positive).add(pair.negative);
    written.push(pair);
  }
  return written;
}
