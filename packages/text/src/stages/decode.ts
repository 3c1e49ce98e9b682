import { dataset, defineStage, fail, type TokensColumn, utf8, value } from "@seqloom/core";
import { z } from "zod";
import { fingerprintOf } from "../vocabulary.js";

/** Turns ids back into tokens, and these into a text: the way back from text/encode. */
export const decode = defineStage({
  id: "text/decode",
  version: 1,
  description: "Turns ids back into the tokens of a vocabulary, and these into a text.",
  inputs: { vocabulary: value("vocabulary"), data: dataset({ ids: "ids" }) },
  outputs: { data: dataset({ tokens: "tokens", text: "utf8" }) },
  keepsColumns: true,
  params: z.strictObject({
    separator: z.string().default(" ").describe('What stands between tokens in the text: "" for characters'),
    skip: z
      .array(z.string())
      .optional()
      .describe("Tokens that are left out; by default the pad token of the vocabulary"),
  }),
  run: ({ vocabulary, data }, { separator, skip }) => {
    const { values, offsets, size, vocabulary: fingerprint } = data.column("ids");
    const { tokens: dictionary, pad } = vocabulary;
    if (size > dictionary.length || (fingerprint !== undefined && fingerprint !== fingerprintOf(vocabulary))) {
      throw fail(
        "vocabulary-differs",
        `these ids are of another vocabulary than the one of ${dictionary.length} tokens`,
        {
          hint: "Connect the state of the text/encode that made the ids.",
        },
      );
    }
    const left = new Set(skip ?? (pad === null ? [] : [pad]));
    const isLeft = Uint8Array.from(dictionary, (token) => Number(left.has(token)));
    const indices = values.filter((id) => isLeft[id] === 0);
    const starts = new Int32Array(offsets.length);
    const texts: string[] = [];
    let count = 0;
    for (let row = 0; row < data.rows; row++) {
      const words: string[] = [];
      for (let at = offsets[row]; at < offsets[row + 1]; at++) {
        if (isLeft[values[at]] === 0) words.push(dictionary[values[at]]);
      }
      count += words.length;
      starts[row + 1] = count;
      texts.push(words.join(separator));
    }
    const tokens: TokensColumn = { type: "tokens", dictionary, indices, offsets: starts };
    return { data: data.with<{ tokens: "tokens"; text: "utf8" }>({ tokens, text: utf8(texts) }) };
  },
});
