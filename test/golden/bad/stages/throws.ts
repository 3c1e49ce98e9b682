import { dataset, defineMap } from "seqloom";
import { z } from "zod";

export const clean = defineMap({
  id: "own/clean",
  version: 1,
  description: "Cleans text.",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({}),
  apply: (batch) => batch,
});

const rules: string[] = [];
export const first = rules[0].trim();
