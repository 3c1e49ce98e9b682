import { dataset, defineMap, type SeriesColumn } from "@seqloom/core";
import { z } from "zod";
import { watcher } from "../rows.js";

/** How far after the last token the next is looked for, in code units. */
const WINDOW = 4096;

/** Finds where in its text each token stands: the way from a tag or a span back to the characters. */
export const offsets = defineMap({
  id: "text/offsets",
  version: 1,
  description: "Finds where in its text each token stands: start and end of each, in characters of UTF-16.",
  usesUnicodeTables: true,
  input: dataset({ text: "utf8", tokens: "tokens" }),
  output: dataset({ offsets: "series" }),
  params: z.strictObject({}),
  examples: [
    {
      title: "tokens in lower case and Treebank's quotes are found; what is not there is -1",
      in: [{ text: 'She said "No". She left.', tokens: ["she", "``", "no", "''", ".", "she", "<unk>", "left"] }],
      out: [
        {
          offsets: [
            [0, 3],
            [9, 10],
            [10, 12],
            [12, 13],
            [13, 14],
            [15, 18],
            [-1, -1],
            [19, 23],
          ],
        },
      ],
    },
  ],
  apply: (batch, _, context) => {
    const texts = batch.column("text").values;
    const column = batch.column("tokens");
    const watch = watcher(context, texts.length);
    const first = column.offsets[0];
    const values = new Float32Array(2 * (column.offsets[texts.length] - first)).fill(-1);
    for (const [row, text] of texts.entries()) {
      watch(row);
      // Only where lower case keeps every character in its place do both texts have the same offsets.
      const lower = text.toLowerCase();
      const folded = lower.length === text.length ? lower : text;
      let at = 0;
      for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
        const token = column.dictionary[column.indices[i]];
        const found = find(text, folded, spellings(token), at);
        if (found === null) continue;
        values[2 * (i - first)] = found.start;
        values[2 * (i - first) + 1] = found.end;
        at = found.end;
      }
    }
    const series: SeriesColumn = {
      type: "series",
      values,
      offsets: column.offsets.map((end) => end - first),
      width: 2,
    };
    return batch.with({ offsets: series });
  },
});

/** As the Penn Treebank writes a quote, and as the text may have it. */
function spellings(token: string): readonly string[] {
  if (token === "``") return [token, '"', "“"];
  return token === "''" ? [token, '"', "”"] : [token];
}

function find(text: string, folded: string, tokens: readonly string[], from: number) {
  let best: { readonly start: number; readonly end: number } | null = null;
  for (const token of tokens) {
    if (token === "") continue;
    for (const [where, what] of [
      [text, token],
      [folded, token.toLowerCase()],
    ]) {
      // A window, so that tokens that are nowhere do not go through the whole text each.
      const start = where.slice(from, from + WINDOW + what.length).indexOf(what);
      if (start < 0 || (best !== null && best.start <= from + start)) continue;
      best = { start: from + start, end: from + start + what.length };
      break;
    }
  }
  return best;
}
