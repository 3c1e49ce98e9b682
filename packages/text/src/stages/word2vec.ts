import { Dataset, dataset, defineStage, fail, integers, utf8, value } from "@seqloom/core";
import { z } from "zod";
import { WORD_VECTORS } from "../vectors/words.js";
import { encodeTokens, TokenCounts, vocabularyOf } from "../vocabulary.js";

/**
 * Learns a vector for each word from the words around it: word2vec with negative sampling (Mikolov et al. 2013). Only train rows
 * are learned from. What it gives is the same at any number of threads.
 */
export const word2vec = defineStage({
  id: "text/word2vec",
  version: 1,
  description: "Learns a vector for each word from the words around it: skip-gram or CBOW with negative sampling.",
  seeded: true,
  cpu: "all",
  inputs: { data: dataset({ tokens: "tokens" }, { optional: { split: "label" } }) },
  outputs: { vectors: dataset({ ...WORD_VECTORS, count: "integer" }), report: value("metrics") },
  params: z.strictObject({
    kind: z
      .enum(["skip_gram", "cbow"])
      .default("skip_gram")
      .describe("skip_gram: each word around tells the word; cbow: their mean does, which is faster"),
    dimensions: z.int().min(1).max(4096).default(100).describe("Numbers of a vector"),
    window: z.int().min(1).max(64).default(5).describe("Words to each side that count, at most; near ones more often"),
    negatives: z.int().min(1).max(64).default(5).describe("Words drawn against each real one, by count^(3/4)"),
    epochs: z.int().min(1).default(5).describe("Times that all rows are gone through"),
    min_count: z.int().min(1).default(5).describe("Words that occur less often in the train rows are left out"),
    max_size: z.int().min(1).nullable().default(null).describe("Most words: the most frequent ones; null for no limit"),
    sample: z
      .number()
      .min(0)
      .default(1e-3)
      .describe("Words that are a greater share of all are passed over now and then; 0: none is"),
    learning_rate: z.number().positive().default(0.025).describe("Of the first word; it falls along a line"),
    last_learning_rate: z.number().min(0).default(1e-4).describe("Of the last word"),
    replicas: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe(
        "Parts that are trained side by side and joined every few thousand words: at most so many threads help. 1: none",
      ),
  }),
  async run({ data }, params, context) {
    const column = (data as unknown as Dataset<{ tokens: "tokens" }>).ofSplit("train").column("tokens");
    const counted = new TokenCounts().add(column);
    const { min_count, max_size } = params;
    const vocabulary = vocabularyOf(counted, { min_count, max_size, order: "frequency", pad: null, unknown: null });
    const { tokens: words, counts } = vocabulary;
    if (words.length < 2) {
      throw fail(
        "empty-vocabulary",
        `${words.length} of ${counted.words.size} words occur ${min_count} times in the train rows`,
        {
          hint: "Lower min_count, or look at what the stages before leave of the text.",
        },
      );
    }
    const { values: ids, offsets } = encodeTokens(column, vocabulary);
    const { dimensions, window, negatives, epochs, replicas } = params;
    const random = context.random.fork("start");
    const start = Float32Array.from(
      { length: words.length * dimensions },
      () => (random.uint32() / 2 ** 32 - 0.5) / dimensions,
    );
    const seed = context.random.fork("draws");
    const { trainWordVectors } = await import("@seqloom/simd/words");
    let heard = performance.now();
    const values = await trainWordVectors(
      { ids, offsets, counts },
      {
        ...{ bag: params.kind === "cbow", dimensions, window, negatives, epochs, replicas, start },
        rates: [params.learning_rate, params.last_learning_rate],
        sample: params.sample,
        seed: [seed.uint32(), seed.uint32()],
      },
      async (done) => {
        if (performance.now() - heard < PAUSE && done > 0) return;
        heard = performance.now();
        context.progress({ done, total: ids.length * epochs, unit: "words" });
        // An abort comes as a message, which only an idle thread hears.
        await new Promise((resolve) => setImmediate(resolve));
        context.signal.throwIfAborted();
      },
    );
    if (!values.every(Number.isFinite)) {
      throw fail("vectors-diverged", "the vectors grew beyond all numbers", { hint: "Lower learning_rate." });
    }
    const vectors = Dataset.of<typeof WORD_VECTORS & { count: "integer" }>({
      word: utf8(words),
      vector: { type: "vector", values, width: dimensions },
      count: integers(counts),
    });
    return {
      vectors,
      report: {
        values: { words: words.length, dimensions, tokens: ids.length, left_out: counted.tokens - ids.length },
      },
    };
  },
});

/** Milliseconds between two looks at whether the run was aborted. */
const PAUSE = 100;
