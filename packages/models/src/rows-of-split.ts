import { z } from "zod";

export { rowsOfSplit } from "@seqloom/core";

/** Which rows are looked at. */
export const splitSchema = z
  .enum(["test", "validation", "train", "all"])
  .default("test")
  .describe("The rows that are looked at");
