import { dataset, defineStage, value } from "@seqloom/core";
import { z } from "zod";
import { encodeSubwords, tokenizerOf } from "../subwords/columns.js";

/** Cuts text into the subwords of a tokenizer that is there: one that text/subwords learned, or one of a file. */
export const subwordsWith = defineStage({
  id: "text/subwords-with",
  version: 1,
  description: "Cuts text into the subwords of a tokenizer that was learned elsewhere, and gives their ids.",
  usesUnicodeTables: true,
  inputs: { tokenizer: value("files"), data: dataset({ text: "utf8" }) },
  outputs: { data: dataset({ tokens: "tokens", ids: "ids" }) },
  keepsColumns: true,
  params: z.strictObject({
    template: z
      .boolean()
      .default(false)
      .describe("Whether special tokens are put around each text as the tokenizer says, such as [CLS] and [SEP]"),
  }),
  run: async ({ tokenizer, data }, { template }, context) => {
    const subwords = await tokenizerOf(tokenizer, template);
    return {
      data: data.with<{ tokens: "tokens"; ids: "ids" }>(encodeSubwords(data.column("text").values, subwords, context)),
    };
  },
});
