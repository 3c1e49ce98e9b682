import { type Dataset, dataset, defineStage, fail, type ParamProblem, type StageContext } from "@seqloom/core";
import { z } from "zod";
import {
  type HeldOut,
  heldOutAtRandom,
  heldOutByClass,
  heldOutByGroup,
  heldOutByName,
  heldOutLast,
  singletons,
  type Wanted,
} from "../split-methods.js";
import { countsOf, SPLITS, splitColumn } from "../splits.js";

const size = z.number().min(0);

const params = z.strictObject({
  method: z
    .enum(["random", "stratified", "grouped", "ordered"])
    .default("random")
    .describe(
      "random; stratified: the same share of each label; grouped: never divides a group; ordered: the last rows",
    ),
  validation: size.default(0.1).describe("Rows of validation: a share of the rows to split if below 1, else a count"),
  test: size.default(0).describe("Rows of test: a share of the rows to split if below 1, else a count"),
  groups: z
    .partialRecord(z.enum(["validation", "test"]), z.array(z.string().min(1)).min(1))
    .optional()
    .describe("For grouped: the groups that are held out, by name, instead of sizes: { test: [ann] }"),
  of: z
    .enum(["train", "all"])
    .default("train")
    .describe("Which rows to split: those that are train now (all, where there is no split yet); or all, anew"),
});

/** Splits rows into train, validation and test. */
export const split = defineStage({
  id: "data/split",
  version: 1,
  description: "Splits rows into train, validation and test.",
  params,
  inputs: { data: dataset({}, { optional: { label: "label", group: "label", split: "label" } }) },
  outputs: { data: dataset({ split: "label" }) },
  keepsColumns: true,
  seeded: true,
  inference: "skip",
  examples: [
    {
      title: "the last rows are held out",
      with: { method: "ordered", validation: 0.25, test: 1 },
      in: [{ text: "a" }, { text: "b" }, { text: "c" }, { text: "d" }],
      out: [
        { text: "a", split: "train" },
        { text: "b", split: "train" },
        { text: "c", split: "validation" },
        { text: "d", split: "test" },
      ],
    },
  ],
  check: ({ validation, test, method, groups }) => {
    const problems: ParamProblem[] = [];
    const both = groups?.test?.find((name) => groups.validation?.includes(name));
    if (groups !== undefined && method !== "grouped") {
      const hint = "Set method: grouped, or leave groups out.";
      problems.push({ path: ["groups"], message: `groups do not go with method: ${method}`, hint });
    } else if (both !== undefined) {
      const hint = "A group is in one split only.";
      problems.push({ path: ["groups"], message: `"${both}" is named for validation and for test`, hint });
    }
    for (const [name, given] of Object.entries({ validation, test })) {
      if (given < 1 || Number.isInteger(given)) continue;
      problems.push({ path: [name], message: `${given} is neither a share nor a count`, hint: "Write 0.1, or 100." });
    }
    if (validation < 1 && test < 1 && validation + test >= 1) {
      const hint = "They are shares of all rows: what they leave is train.";
      problems.push({
        path: ["validation"],
        message: `validation ${validation} and test ${test} leave no rows for train`,
        hint,
      });
    }
    return problems;
  },
  run: ({ data }, params, context) => {
    const rows =
      params.of === "all" ? Int32Array.from({ length: data.rows }, (_, row) => row) : data.rowsOfSplit("train");
    if (params.groups !== undefined) {
      const { column, indices } = indicesOf(data, "group", rows, params.method);
      return { data: withHeldOut(data, params.of, rows, heldOutByName(indices, column.dictionary, params.groups)) };
    }
    const [train, validation, test] = countsOf(rows.length, params);
    const empty = [["validation", params.validation, validation] as const, ["test", params.test, test] as const].find(
      ([, asked, got]) => asked > 0 && got === 0,
    );
    if (train <= 0 || empty !== undefined) {
      const missing = train <= 0 ? "train" : empty![0];
      throw fail("split-too-few", `${rows.length} rows leave none for ${missing}`, {
        hint: `Asked for are validation ${params.validation} and test ${params.test} of the rows to split.`,
      });
    }
    const wanted = { validation, test };
    const heldOut = holdOut(params.method, data, rows, wanted, context);
    return { data: withHeldOut(data, params.of, rows, heldOut) };
  },
});

function withHeldOut(data: Dataset, of: "train" | "all", rows: Int32Array, heldOut: HeldOut) {
  const indices = oldSplit(data, of);
  for (const row of rows) indices[row] = 0;
  for (const place of Array.from(heldOut.validation)) indices[rows[place]] = 1;
  for (const place of Array.from(heldOut.test)) indices[rows[place]] = 2;
  return data.with<{ split: "label" }>({ split: splitColumn(indices) });
}

function holdOut(
  method: z.output<typeof params>["method"],
  data: Dataset,
  rows: Int32Array,
  wanted: Wanted,
  context: StageContext,
): HeldOut {
  const { random } = context;
  switch (method) {
    case "random":
      return heldOutAtRandom(rows.length, wanted, random);
    case "ordered":
      return heldOutLast(rows.length, wanted);
    case "grouped": {
      const held = heldOutByGroup(indicesOf(data, "group", rows, method).indices, wanted, random);
      context.log(`held out whole groups: ${held.validation.length} rows of validation, ${held.test.length} of test`);
      return held;
    }
    case "stratified": {
      const { column, indices } = indicesOf(data, "label", rows, method);
      const single = singletons(indices, column);
      if (single.length > 0) {
        const names = single.slice(0, 10).map((name) => `"${name}"`);
        context.log(
          `warning: classes with one row stay in train: ${names.join(", ")}${single.length > 10 ? ", …" : ""}`,
        );
      }
      return heldOutByClass(indices, wanted, random);
    }
  }
}

function indicesOf(data: Dataset, name: string, rows: Int32Array, method: string) {
  const column = data.columns.get(name);
  if (column?.type !== "label") {
    const found = column === undefined ? "there is none" : `it is ${column.type}`;
    throw fail("column-missing", `method ${method} needs a label column "${name}": ${found}`, {
      hint: `Name the column that says the ${name} of a row: columns: { ${name}: … }.`,
    });
  }
  return { column, indices: rows.map((row) => column.indices[row]) };
}

/** The splits as they are, in our order; all train where there is none. */
function oldSplit(data: Dataset, of: "train" | "all"): Int32Array {
  const column = data.columns.get("split");
  if (of === "all" || column?.type !== "label") return new Int32Array(data.rows);
  const places = column.dictionary.map((name) => (SPLITS as readonly string[]).indexOf(name));
  return column.indices.map((index) => places[index] ?? -1);
}
