import { statSync } from "node:fs";
import {
  CHUNK_SIZES,
  type Column,
  Dataset,
  dataset,
  defineSource,
  didYouMean,
  fail,
  type ResolvedFile,
  utf8,
} from "@seqloom/core";
import { z } from "zod";
import { readText } from "../detect-encoding.js";
import { encodingParam } from "../encoding.js";
import { fieldsOf, namedColumns, patternProblems } from "../name-pattern.js";
import { labelSink } from "../sinks.js";
import { SPLITS } from "../splits.js";

const LEVELS = ["label", "split", "group", "any"] as const;

const params = z.strictObject({
  folder: z.string().min(1).describe("The folder that holds the folders, relative to the pipeline"),
  levels: z
    .array(z.enum(LEVELS))
    .default(["label"])
    .describe(
      'What each level of folders means, from the outside in: [split, label] for "train/pos/1.txt"; any: nothing; []: no folders',
    ),
  files: z.string().min(1).default("*.txt").describe("Which files to read in each innermost folder: a glob"),
  pattern: z
    .string()
    .optional()
    .describe('What the names of the files say: "{label}_ch{chapter}.txt" gives the columns label and chapter'),
  classes: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe("Labels to read, by the names of their folders; default all"),
  names: z
    .record(z.string(), z.string())
    .default({})
    .describe("What to call a folder, or a part of a file's name: { pos: positive, dev: validation }"),
  empty: z
    .enum(["fail", "keep"])
    .default("fail")
    .describe("Files of no bytes: an error, for they may not have been written to the end, or rows without text"),
  encoding: encodingParam,
});

/** Loads text files, one row per file, from a folder per class. */
export const loadFolders = defineSource({
  id: "data/load-folders",
  version: 1,
  description: "Loads text files, one row per file, from a folder per class.",
  params,
  outputs: { data: dataset({ id: "utf8", text: "utf8" }) },
  outputsFor: ({ levels, pattern }) => ({
    data: dataset({
      id: "utf8" as const,
      text: "utf8" as const,
      ...Object.fromEntries(fieldsOf(pattern ?? "").map((field) => [field, "label" as const])),
      ...Object.fromEntries(levels.filter((level) => level !== "any").map((level) => [level, "label" as const])),
    }),
  }),
  examples: [
    {
      title: "fra_ch01.txt, eng_ch01.txt, …",
      with: { folder: "novel", levels: [], pattern: "{label}_ch{chapter}.txt" },
    },
    { title: "train/pos/0_9.txt, …", with: { folder: "aclImdb", levels: ["split", "label"], classes: ["pos", "neg"] } },
  ],
  fileNamesMatter: true,
  files: ({ folder, levels, classes, files }) => {
    const chosen = classes === undefined ? "*" : alternatives(classes);
    const inner = levels.map((level) => (level === "label" ? chosen : "*"));
    return { files: [{ path: [escaped(trimmed(folder)), ...inner, files].join("/") }] };
  },
  check: ({ levels, classes, pattern }) => {
    const problems = pattern === undefined ? [] : patternProblems(pattern, ["pattern"], ["id", "text", ...levels]);
    const twice = levels.find((level, place) => level !== "any" && levels.indexOf(level) !== place);
    if (twice !== undefined) {
      problems.push({
        path: ["levels"],
        message: `two levels are ${twice}`,
        hint: "Call a level that means nothing any.",
      });
    }
    if (classes !== undefined && !levels.includes("label")) {
      problems.push({ path: ["classes"], message: "no level is label", hint: "Add label to levels." });
    }
    return problems;
  },
  pieces: async function* (_, context) {
    let group: ResolvedFile[] = [];
    let bytes = 0;
    const piece = () => ({
      identity: group.map(({ name, digest }) => [name, digest]),
      where: { files: group.map((file) => ({ ...file })) },
      bytes,
    });
    for (const file of context.files.files ?? []) {
      context.signal.throwIfAborted();
      const { size } = statSync(file.path);
      group.push(file);
      bytes += size + FILE;
      if (bytes < CHUNK_SIZES.most && (bytes < CHUNK_SIZES.least || !endsGroup(file, size))) continue;
      yield piece();
      group = [];
      bytes = 0;
    }
    if (group.length > 0) yield piece();
  },
  read: async ({ files }, { folder, levels, pattern, names, encoding, empty }, context) => {
    const ids: string[] = [];
    const texts: string[] = [];
    const sinks = levels.map((level) => labelSink(level === "split" ? SPLITS : []));
    for (const file of files) {
      const id = relativeTo(folder, file.name);
      const folders = id.split("/");
      for (const [place, level] of levels.entries()) {
        const name = Object.hasOwn(names, folders[place]) ? names[folders[place]] : folders[place];
        if (level === "split" && !(SPLITS as readonly string[]).includes(name)) throw noSplit(file.name, name);
        sinks[place].add(name);
      }
      ids.push(id);
      texts.push(await readText(file, encoding, context.signal, empty === "keep"));
    }
    const found = levels
      .map((level, place): [string, Column] => [level, sinks[place].finish()])
      .filter(([level]) => level !== "any");
    const said = pattern === undefined ? [] : namedColumns(pattern, ids, names);
    const columns: [string, Column][] = [["id", utf8(ids)], ["text", utf8(texts)], ...found, ...said];
    return Dataset.of<{ id: "utf8"; text: "utf8" }>(columns);
  },
});

/** What a file of no bytes counts for, so that a million of them are not one piece. */
const FILE = 256;

/** Whether a group of files ends with this one: by its content, about every so many bytes. */
function endsGroup({ digest }: ResolvedFile, size: number): boolean {
  return Number.parseInt(digest.slice(0, 8), 16) < ((size + FILE) / CHUNK_SIZES.spread) * 2 ** 32;
}

/** The part of a file's name below the folder. */
function relativeTo(folder: string, name: string): string {
  // Names come normalised: `./data` is `data`. So count segments instead of comparing text.
  const depth = normalised(trimmed(folder)).length;
  return name.split("/").slice(depth).join("/");
}

function normalised(path: string): string[] {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "." || (part === "" && kept.length > 0)) continue;
    if (part === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else kept.push(part);
  }
  return kept;
}

function trimmed(folder: string): string {
  return folder.replace(/(?<=.)\/+$/, "");
}

/** Characters that a glob gives a meaning to, taken literally. */
function escaped(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, "\\$&");
}

function alternatives(classes: readonly string[]): string {
  return classes.length === 1 ? escaped(classes[0]) : `{${classes.map(escaped).join(",")}}`;
}

function noSplit(file: string, name: string) {
  return fail("split-unknown", `"${file}": the folder "${name}" is no split`, {
    hint: `${didYouMean(name, SPLITS, "split")} Say what it means: names: { ${name}: validation }.`,
  });
}
