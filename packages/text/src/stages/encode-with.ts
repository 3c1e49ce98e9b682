import { dataset, defineStage, value } from "@seqloom/core";
import { z } from "zod";
import { encodeTokens } from "../vocabulary.js";

/**
 * Turns tokens into the ids of a vocabulary that a text/encode learned from other data: what a model that was trained
 * with these ids can read. Words that are not in it become its unknown token or, where it has none, are left out.
 */
export const encodeWith = defineStage({
  id: "text/encode-with",
  version: 1,
  description: "Turns tokens into the ids of a vocabulary that was learned from other data.",
  inputs: { vocabulary: value("vocabulary"), data: dataset({ tokens: "tokens" }) },
  outputs: { data: dataset({ ids: "ids" }) },
  keepsColumns: true,
  params: z.strictObject({}),
  run: ({ vocabulary, data }) => ({
    data: data.with<{ ids: "ids" }>({ ids: encodeTokens(data.column("tokens"), vocabulary) }),
  }),
});
