import { type Column, Dataset, dataset, defineStage, fail, utf8 } from "@seqloom/core";
import { z } from "zod";
import { readText } from "../detect-encoding.js";
import { encodingParam } from "../encoding.js";
import { sgmlRecords } from "../sgml.js";
import { tokensSink } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf } from "../sources.js";
import { SPLITS, splitColumn } from "../splits.js";

const name = z.string().min(1).toLowerCase();

/** Loads the records of SGML or XML files: a text, a set of labels and a split for each. */
export const loadSgml = defineStage({
  id: "data/load-sgml",
  version: 1,
  description: "Loads the records of SGML or XML files: a text, a set of labels and a split for each.",
  params: z.strictObject({
    files: filesParam.describe("Files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split"),
    record: name.describe("Element of a record: one row. Case does not matter, here and below"),
    text: z.array(name).min(1).describe("Elements of the text, anywhere in the record; an empty line parts them"),
    labels: z
      .string()
      .regex(/^[^/\s]+(\/[^/\s]+)*$/)
      .toLowerCase()
      .optional()
      .describe("Path of the element of each label, such as topics/d: they give the column labels"),
    unlabelled: z
      .enum(["keep", "drop"])
      .default("keep")
      .describe("What becomes of records without a label, where labels are read"),
    split: z
      .strictObject({
        attribute: name.describe("Attribute of the record"),
        names: z.record(z.string(), z.enum(["train", "validation", "test"])).describe("What its values mean"),
      })
      .optional()
      .describe("Attribute of the record that gives its split; records of other values are left out"),
    where: z
      .record(name, z.string())
      .default({})
      .describe('Attributes that a record must have: { topics: "YES" }; others are left out'),
    encoding: encodingParam,
  }),
  inputs: {},
  outputs: { data: dataset({ text: "utf8" }) },
  outputsFor: ({ files, labels, split }) => ({
    data: dataset({
      text: "utf8" as const,
      ...(labels !== undefined && { labels: "tokens" as const }),
      ...((split !== undefined || isSplit(files)) && { split: "label" as const }),
    }),
  }),
  inference: "source",
  examples: [
    {
      title: "the Reuters-21578 collection, its ModApté split",
      with: {
        files: "reut2-*.sgm",
        record: "reuters",
        text: ["title", "body"],
        labels: "topics/d",
        split: { attribute: "lewissplit", names: { TRAIN: "train", TEST: "test" } },
        where: { topics: "YES" },
      },
    },
  ],
  files: ({ files }) => fileGroups(files),
  check: ({ files, split }) => [
    ...fileProblems(files, ["files"]),
    ...(split !== undefined && isSplit(files)
      ? [
          {
            path: ["split"],
            message: "the split is given twice: by file and by attribute",
            hint: "Name the files without splits, or leave out split.",
          },
        ]
      : []),
  ],
  async run(_, { files, record, text, labels, unlabelled, split, where, encoding }, context) {
    const form = { record, text, labels: labels?.split("/") ?? [] };
    const texts: string[] = [];
    const sets = tokensSink();
    const splits: number[] = [];
    let found = 0;
    for (const { split: own, files: its } of partsOf(files, context)) {
      for (const file of its) {
        context.signal.throwIfAborted();
        const source = await readText(file, encoding, context.signal);
        for (const one of await sgmlRecords(source, file.name, form)) {
          found++;
          const which = split === undefined ? own : (split.names[one.attributes[split.attribute] ?? ""] ?? null);
          if (split !== undefined && which === null) continue;
          if (Object.entries(where).some(([attribute, value]) => one.attributes[attribute] !== value)) continue;
          if (labels !== undefined && unlabelled === "drop" && one.labels.length === 0) continue;
          texts.push(one.text);
          sets.add([...new Set(one.labels)]);
          if (which !== null) splits.push(SPLITS.indexOf(which));
        }
        context.progress({ done: found, unit: "records", message: file.name });
      }
    }
    if (texts.length === 0) {
      throw fail(
        "no-rows",
        found === 0 ? `there is no <${record}> in the files` : `none of ${found} <${record}> is taken`,
        {
          hint: found === 0 ? "Look at the name of the element of a record." : "Look at split and where.",
        },
      );
    }
    const columns: [string, Column][] = [["text", utf8(texts)]];
    if (labels !== undefined) columns.push(["labels", sets.finish()]);
    if (split !== undefined || isSplit(files)) columns.push(["split", splitColumn(splits)]);
    return { data: Dataset.of<{ text: "utf8" }>(columns) };
  },
});
