import { dataset, defineStage, utf8, value } from "@seqloom/core";
import { z } from "zod";
import { forRows } from "../rows.js";
import { tokenizerOf } from "../subwords/columns.js";

/** Puts ids of subwords together to text again: what text/subwords cut comes back as it was. */
export const decodeSubwords = defineStage({
  id: "text/decode-subwords",
  version: 1,
  description: "Puts ids of subwords together to text again: what was cut comes back as it was.",
  inputs: { tokenizer: value("files"), data: dataset({ ids: "ids" }) },
  outputs: { data: dataset({ text: "utf8" }) },
  keepsColumns: true,
  params: z.strictObject({
    skip: z
      .array(z.string().min(1))
      .default(["<pad>"])
      .describe("Tokens that are left out of the text, such as those that fill or end a sequence"),
  }),
  run: async ({ tokenizer, data }, { skip }, context) => {
    const subwords = await tokenizerOf(tokenizer);
    const left = new Set(skip.map((token) => subwords.tokens.indexOf(token)));
    const { values, offsets } = data.column("ids");
    const rows = Array.from({ length: data.rows }, (_, row) => String(row));
    const texts = forRows(
      rows,
      (row) => {
        const ids = values.subarray(offsets[Number(row)], offsets[Number(row) + 1]);
        return subwords.decode(ids.filter((id) => !left.has(id)));
      },
      context,
    );
    return { data: data.with<{ text: "utf8" }>({ text: utf8(texts) }) };
  },
});
