import { type Dataset, dataset, defineStage, tokens } from "@seqloom/core";
import { z } from "zod";
import { questionOf } from "../vectors/question.js";
import { answersTo } from "../vectors/search.js";
import { WordSpace, type WordVectorRows, wordVectors } from "../vectors/words.js";

/** Answers sums of words by the words whose vectors lie closest: `king - man + woman`; of a single word, its neighbours. */
export const askVectors = defineStage({
  id: "text/ask-vectors",
  version: 1,
  description: "Answers sums of words, such as king - man + woman, by the words whose vectors lie closest.",
  inputs: { vectors: wordVectors, data: dataset({ text: "utf8" }) },
  outputs: { data: dataset({ predicted_tokens: "tokens", scores: "series" }) },
  keepsColumns: true,
  params: z.strictObject({
    answers: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe("Words to give, the closest first; those asked with are none"),
    scoring: z
      .enum(["add", "multiply"])
      .default("add")
      .describe(
        "add: cosine with the sum of the words (3CosAdd); multiply: product of the cosines with each (3CosMul)",
      ),
  }),
  run: ({ vectors, data }, { answers, scoring }, context) => {
    const space = new WordSpace(vectors as WordVectorRows);
    const found = (data as unknown as Dataset<{ text: "utf8" }>).column("text").values.map((text) => {
      context.signal.throwIfAborted();
      return answersTo(space, questionOf(text, space), scoring, answers);
    });
    const offsets = Int32Array.from([0, ...found.map((_, row) => row + 1)], (row) =>
      found.slice(0, row).reduce((sum, own) => sum + own.length, 0),
    );
    const scores = Float32Array.from(found.flat(), ({ score }) => score);
    return {
      data: data.with({
        predicted_tokens: tokens(found.map((own) => own.map(({ place }) => space.words[place]))),
        scores: { type: "series", values: scores, offsets, width: 1 },
      } as never),
    } as never;
  },
});
