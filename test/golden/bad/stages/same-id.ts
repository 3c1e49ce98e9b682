import { dataset, defineMap } from "seqloom";
import { z } from "zod";

export const tidy = defineMap({
  id: "own/clean",
  version: 1,
  description: "Cleans text.",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({}),
  apply: (batch) => batch.with({}),
});
