import {
  type Dataset,
  dataset,
  defineEstimator,
  didYouMean,
  fail,
  type LabelColumn,
  NAMED_PLACES,
} from "@seqloom/core";
import { z } from "zod";

/** Turns symbolic attributes into vectors of zeros and ones: a place for each symbol of each attribute. */
export const oneHot = defineEstimator({
  id: "data/one-hot",
  version: 1,
  description: "Turns label columns into one vector of zeros and ones: a place for each symbol of each attribute.",
  input: dataset({}),
  output: dataset({ features: "sparse" }),
  state: "vocabulary",
  params: z.strictObject({
    attributes: z.array(z.string().min(1)).min(1).describe("Names of the label columns, in the order of their places"),
    order: z
      .enum(["name", "appearance"])
      .default("name")
      .describe("Order of the symbols of an attribute: by code unit, or as the train rows first show them"),
    unseen: z
      .enum(["error", "zeros"])
      .default("error")
      .describe("What a symbol becomes that no train row has; a missing one is all zeros"),
  }),
  check: ({ attributes }) => {
    const twice = attributes.find((name, place) => attributes.indexOf(name) !== place);
    const hint = "Name each attribute once.";
    return twice === undefined ? [] : [{ path: ["attributes"], message: `"${twice}" is named twice`, hint }];
  },
  examples: [
    {
      with: { attributes: ["label", "group"] },
      in: [
        { label: "sunny", group: "hot" },
        { label: "rain", group: "cool" },
        { label: "rain", group: null },
      ],
      out: [
        {
          features: [
            ["label=sunny", 1],
            ["group=hot", 1],
          ],
        },
        {
          features: [
            ["label=rain", 1],
            ["group=cool", 1],
          ],
        },
        { features: [["label=rain", 1]] },
      ],
    },
  ],
  fold: async (chunks, { attributes, order }) => {
    const seen = attributes.map(() => new Map<string, number>());
    for await (const chunk of chunks) {
      for (const [i, name] of attributes.entries()) {
        const { dictionary, indices } = attributeOf(chunk as unknown as Dataset, name);
        for (const index of indices) {
          if (index >= 0) seen[i].set(dictionary[index], (seen[i].get(dictionary[index]) ?? 0) + 1);
        }
      }
    }
    const places = seen.flatMap((counts, i) => {
      const symbols = [...counts.keys()];
      if (order === "name") symbols.sort();
      return symbols.map((symbol) => [placeName(attributes[i], symbol), counts.get(symbol)!] as const);
    });
    return { tokens: places.map(([name]) => name), counts: places.map(([, count]) => count), pad: null, unknown: null };
  },
  apply: (batch, { tokens: names }, { attributes, unseen }, { firstRow }) => {
    const places = new Map(names.map((name, place) => [name, place]));
    const columns = attributes.map((name) => {
      const { dictionary, indices } = attributeOf(batch as unknown as Dataset, name);
      return {
        name,
        dictionary,
        indices,
        target: dictionary.map((symbol) => places.get(placeName(name, symbol)) ?? -1),
      };
    });
    const found: number[] = [];
    const offsets = new Int32Array(batch.rows + 1);
    for (let row = 0; row < batch.rows; row++) {
      for (const { name, dictionary, indices, target } of columns) {
        const index = indices[row];
        if (index < 0) continue;
        if (target[index] >= 0) found.push(target[index]);
        else if (unseen === "error") throw unseenSymbol(name, dictionary[index], firstRow + row + 1);
      }
      offsets[row + 1] = found.length;
    }
    return batch.with({
      features: {
        type: "sparse",
        values: new Float32Array(found.length).fill(1),
        columns: Int32Array.from(found),
        offsets,
        width: names.length,
        ...(names.length <= NAMED_PLACES && { names }),
      },
    });
  },
});

function placeName(attribute: string, symbol: string): string {
  return `${attribute}=${symbol}`;
}

function attributeOf(data: Dataset, name: string): LabelColumn {
  const column = data.columns.get(name);
  if (column?.type === "label") return column;
  const found = column === undefined ? "there is none" : `it is ${column.type}`;
  const known = [...data.columns].filter(([, { type }]) => type === "label").map(([own]) => own);
  throw fail("column-missing", `one-hot needs a label column "${name}": ${found}`, {
    hint: `${didYouMean(name, known, "label column")} Loaders give a column the type that is asked for: as: label.`,
  });
}

function unseenSymbol(attribute: string, symbol: string, row: number): Error {
  return fail("label-unseen", `"${symbol}" of ${attribute} is on row ${row} and on no train row`, {
    hint: "Split so that train has every symbol, or set unseen: zeros.",
  });
}
