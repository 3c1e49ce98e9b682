/**
 * @file A stage of one's own in a pipeline: a map that counts words, defined in the program and run in its own thread.
 *
 *     npm run example custom-stage
 */
import { dataset, defineMap, integers, type RunRecord } from "@seqloom/core";
import { generateReviews } from "@seqloom/data";
import { tokenize } from "@seqloom/text";
import { PipelineBuilder, run } from "seqloom";
import { z } from "zod";

/** tokens → how many there are. */
export const countWords = defineMap({
  id: "example/count-words",
  version: 1,
  description: "How many tokens a row has that are long enough",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ words: "integer" }),
  params: z.strictObject({ at_least: z.int().min(1).default(1).describe("Letters of the shortest word that counts") }),
  apply: (batch, { at_least }) => {
    const { dictionary, indices, offsets } = batch.column("tokens");
    const counts = Array.from({ length: batch.rows }, (_, row) => {
      const own = indices.subarray(offsets[row], offsets[row + 1]);
      return own.filter((index) => dictionary[index].length >= at_least).length;
    });
    return batch.with({ words: integers(counts) });
  },
});

/** Runs it, and gives the record. */
export async function main(home?: string): Promise<RunRecord> {
  const p = new PipelineBuilder({ name: "count-words", seed: 3 });
  const reviews = p.stage("reviews", generateReviews, { with: { rows: 20 } });
  const tokens = p.stage("tokens", tokenize, { in: reviews });
  p.stage("counted", countWords, { in: tokens, with: { at_least: 4 } });
  const record = await run(p, { home });
  for (const { name, status, outputs } of record.stages)
    console.log(name, status, JSON.stringify(outputs.data.preview).slice(0, 120));
  return record;
}
