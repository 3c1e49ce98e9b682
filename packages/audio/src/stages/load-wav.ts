import { type Column, Dataset, dataset, defineStage, fail, labels } from "@seqloom/core";
import { fileGroups, fileProblems, filesParam, partsOf } from "@seqloom/data";
import { z } from "zod";
import { type Clips, readClips } from "../clips.js";
import { fieldsOf, nameReader, patternProblems } from "../name-pattern.js";
import { SOUND } from "../signals.js";

const SPLITS = ["train", "validation", "test"];

const params = z.strictObject({
  files: filesParam.describe("WAV files: a path or glob, a URL, a list of such, or some of each split"),
  names: z
    .string()
    .min(1)
    .optional()
    .describe('What the names of the files say: "{label}_{group}_{take}.wav" gives the columns label, group and take'),
  channels: z
    .enum(["mean", "all"])
    .default("mean")
    .describe("mean: one channel, the mean of all. all: as the files are"),
  segment: z
    .number()
    .positive()
    .optional()
    .describe("Seconds of a clip: a longer file is cut into several, and is never in memory as a whole"),
});

/** Loads sounds from WAV files, one row per file or per segment, with labels from the names of the files. */
export const loadWav = defineStage({
  id: "audio/load-wav",
  version: 1,
  description: "Loads sounds from WAV files, one row per file or per segment, with labels from the names of the files.",
  params,
  inputs: {},
  outputs: { data: dataset({ id: "utf8", ...SOUND }) },
  outputsFor: ({ files, names }) => ({
    data: dataset({
      id: "utf8" as const,
      ...SOUND,
      ...Object.fromEntries(fieldsOf(names ?? "").map((field) => [field, "label" as const])),
      ...(isBySplit(files) && { split: "label" as const }),
    }),
  }),
  inference: "source",
  fromFiles: {
    columns: { id: "utf8", ...SOUND },
    read: (files, { channels, segment }, context) =>
      Dataset.of(readClips(files, { channels, segment: segment ?? null }, context).columns),
  },
  examples: [
    { title: "7_jackson_32.wav, …", with: { files: "recordings/*.wav", names: "{label}_{group}_{take}.wav" } },
  ],
  fileNamesMatter: true,
  files: ({ files }) => fileGroups(files),
  check: ({ files, names }) => [
    ...fileProblems(files, ["files"]),
    ...(names === undefined ? [] : patternProblems(names, ["names"])),
  ],
  run: (_, { files, names, channels, segment }, context) => {
    const parts = partsOf(files, context);
    const all = parts.flatMap((part) => part.files);
    const splitOf = new Map(parts.flatMap((part) => part.files.map((file) => [file, part.split] as const)));
    const clips = readClips(all, { channels, segment: segment ?? null }, context);
    const columns: [string, Column][] = clips.columns.map(([name, column]) => [name, column]);
    if (names !== undefined) columns.push(...namedColumns(names, clips));
    if (isBySplit(files))
      columns.push([
        "split",
        labels(
          clips.files.map((file) => splitOf.get(file) ?? null),
          SPLITS,
        ),
      ]);
    return { data: Dataset.of<{ id: "utf8"; signal: "series"; sample_rate: "integer" }>(columns) };
  },
});

function isBySplit(files: unknown): boolean {
  return Object.keys(fileGroups(files as never)).some((group) => SPLITS.includes(group));
}

function namedColumns(pattern: string, { files }: Clips): [string, Column][] {
  const read = nameReader(pattern);
  const values = files.map((file) => read(file.name));
  return fieldsOf(pattern).map((field, place): [string, Column] => {
    const own = values.map((fields) => fields[place]);
    if (field !== "split") return [field, labels(own, sorted(own))];
    const strange = own.find((name) => !SPLITS.includes(name));
    if (strange !== undefined) {
      throw fail("split-unknown", `"${strange}" is no split`, { hint: `Splits are called ${SPLITS.join(", ")}.` });
    }
    return [field, labels(own, SPLITS)];
  });
}

/** Distinct names, numbers by their value and before words: the order of files on a disk is no order of classes. */
function sorted(names: readonly string[]): string[] {
  const numeric = (name: string): number => (/^\d+$/.test(name) ? Number(name) : Number.POSITIVE_INFINITY);
  return [...new Set(names)].sort((a, b) => numeric(a) - numeric(b) || (a < b ? -1 : a > b ? 1 : 0));
}
