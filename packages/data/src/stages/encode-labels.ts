import { dataset, defineEstimator, didYouMean, fail, type LabelColumn } from "@seqloom/core";
import { z } from "zod";
import { parseNumber } from "../sinks.js";

const params = z.strictObject({
  order: z
    .union([z.enum(["name", "frequency"]), z.array(z.string()).min(1)])
    .default("name")
    .describe("Order of the classes: by name (numbers by value), by frequency (the most frequent first), or as listed"),
  unseen: z
    .enum(["error", "unknown"])
    .default("error")
    .describe("What to do with a label that training never saw: stop, or take it as not known"),
});

/** Gives the labels one fixed order of classes, learned from the train rows. */
export const encodeLabels = defineEstimator({
  id: "data/encode-labels",
  version: 1,
  description: "Gives the labels one fixed order of classes, learned from the train rows.",
  params,
  input: dataset({ label: "label" }),
  output: dataset({ label: "label" }),
  state: "vocabulary",
  fitOnly: ["label"],
  examples: [
    {
      in: [{ label: "pos" }, { label: "neg" }, { label: null }],
      out: [{ label: "pos" }, { label: "neg" }, { label: null }],
    },
  ],
  check: ({ order }) => {
    const twice = Array.isArray(order) ? order.find((name, place) => order.indexOf(name) !== place) : undefined;
    return twice === undefined ? [] : [{ path: ["order"], message: `class "${twice}" is listed twice` }];
  },
  fold: async (chunks, { order }) => {
    const counts = new Map<string, number>();
    let rows = 0;
    for await (const chunk of chunks) {
      const { dictionary, indices } = chunk.column("label");
      for (const index of indices) {
        if (index >= 0) counts.set(dictionary[index], (counts.get(dictionary[index]) ?? 0) + 1);
      }
      rows += chunk.rows;
    }
    if (counts.size === 0) {
      throw fail("labels-none", "no train row has a label", {
        hint: rows === 0 ? "There are no train rows: look at the column split." : "Look at the column label.",
      });
    }
    const classes = Array.isArray(order) ? order : [...counts.keys()].sort(comparator(order as "name", counts));
    const surplus = [...counts.keys()].find((name) => !classes.includes(name));
    if (surplus !== undefined) {
      throw fail("label-unseen", `label "${surplus}" (${counts.get(surplus)} train rows) is not in order`, {
        hint: `${didYouMean(surplus, classes, "class")} Every label of the train rows must be listed.`,
      });
    }
    return { tokens: classes, counts: classes.map((name) => counts.get(name) ?? 0), pad: null, unknown: null };
  },
  apply: (batch, { tokens: classes }, { unseen }, { firstRow }) => {
    if (!batch.has("label")) return batch;
    const column = batch.column("label");
    const places = new Map(classes.map((name, place) => [name, place]));
    const target = column.dictionary.map((name) => places.get(name) ?? -1);
    if (unseen === "error") refuseUnseen(column, target, classes, firstRow);
    const indices = column.indices.map((index) => (index < 0 ? -1 : target[index]));
    return batch.with({ label: { type: "label" as const, dictionary: classes, indices } });
  },
});

function comparator(order: "name" | "frequency", counts: ReadonlyMap<string, number>) {
  const numeric = [...counts.keys()].every((name) => parseNumber(name) !== undefined);
  const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const byName = (a: string, b: string): number => (numeric && Number(a) - Number(b)) || byCode(a, b);
  return order === "name"
    ? byName
    : (a: string, b: string): number => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || byName(a, b);
}

function refuseUnseen(
  { dictionary, indices }: LabelColumn,
  target: readonly number[],
  classes: readonly string[],
  firstRow: number,
): void {
  const row = indices.findIndex((index) => index >= 0 && target[index] < 0);
  if (row < 0) return;
  const index = indices[row];
  throw fail("label-unseen", `label "${dictionary[index]}" is on row ${firstRow + row + 1} and on no train row`, {
    hint: `${didYouMean(dictionary[index], classes, "class")} Split so that train has every label (data/split, method: stratified), or set unseen: unknown.`,
  });
}
