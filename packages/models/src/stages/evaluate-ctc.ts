import {
  type Dataset,
  dataset,
  defineStage,
  fail,
  type MetricsTable,
  type TokensColumn,
  tokensOfRow,
  value,
} from "@seqloom/core";
import { z } from "zod";
import { type Edits, editDistance } from "../metrics/index.js";
import { rowsOfSplit, splitSchema } from "../rows-of-split.js";

const CHARACTERS = 200;

/** Compares predicted token sequences with the right ones. */
export const evaluateCtc = defineStage({
  id: "models/evaluate-ctc",
  version: 1,
  description: "Measures predicted sequences of tokens: character and word error rate, share of rows without an error",
  inputs: {
    data: dataset({ tokens: "tokens", predicted_tokens: "tokens" }, { optional: { split: "label" } }),
  },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    split: splitSchema,
    joiner: z.string().default("").describe('What stands between tokens in the text: "" for letters, " " for words'),
    examples: z.int().min(0).max(1000).default(10).describe("Rows to show of each kind: worst ones, right ones"),
  }),
  run({ data }, { split, joiner, examples }) {
    const rows = rowsOfSplit(data as unknown as Dataset, split);
    const [wanted, given] = ["tokens", "predicted_tokens"].map((name) => {
      const column = rows.columns.get(name) as TokensColumn;
      return Array.from({ length: rows.rows }, (_, row) => tokensOfRow(column, row).join(joiner));
    });
    const characters = ratesOf(wanted.map((text, row) => [[...text], [...given[row]]]));
    const words = ratesOf(wanted.map((text, row) => [wordsOf(text), wordsOf(given[row])]));
    if (characters.length === 0) {
      throw fail("no-rows", "the rows that are evaluated have no tokens", { hint: "Look at the column tokens." });
    }
    const exact = wanted.filter((text, row) => text === given[row]).length;
    return {
      metrics: {
        values: {
          cer: characters.rate,
          wer: words.rate,
          exact: exact / rows.rows,
          substitutions: characters.sums.substitutions,
          deletions: characters.sums.deletions,
          insertions: characters.sums.insertions,
          characters: characters.length,
          rows: rows.rows,
        },
        tables: { examples: examplesTable(wanted, given, characters.rows, examples) },
      },
    };
  },
});

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Edits of all rows together over the length of all rows together; above 1 where too much is said. */
function ratesOf(pairs: readonly (readonly [wanted: string[], given: string[]])[]) {
  const rows = pairs.map(([wanted, given]) => editDistance(wanted, given));
  const length = pairs.reduce((sum, [wanted]) => sum + wanted.length, 0);
  const sum = (pick: (edits: Edits) => number): number => rows.reduce((total, edits) => total + pick(edits), 0);
  const sums = {
    substitutions: sum((one) => one.substitutions),
    deletions: sum((one) => one.deletions),
    insertions: sum((one) => one.insertions),
  };
  return { rate: length === 0 ? 0 : sum(({ edits }) => edits) / length, sums, length, rows };
}

function examplesTable(
  wanted: readonly string[],
  given: readonly string[],
  edits: readonly Edits[],
  count: number,
): MetricsTable {
  const order = edits.map((_, row) => row);
  const worst = order.filter((row) => edits[row].edits > 0).sort((a, b) => edits[b].edits - edits[a].edits || a - b);
  const right = order.filter((row) => edits[row].edits === 0);
  const cut = (text: string): string => (text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text);
  return {
    columns: ["text", "prediction", "edits"],
    rows: [...worst.slice(0, count), ...right.slice(0, count)].map((row) => [
      cut(wanted[row]),
      cut(given[row]),
      edits[row].edits,
    ]),
  };
}
