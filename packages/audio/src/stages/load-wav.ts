import { Dataset, dataset, defineSource, type Json, labels, type Split } from "@seqloom/core";
import {
  fieldsOf,
  fileGroups,
  fileProblems,
  filesParam,
  isSplit,
  namedColumns,
  partsOf,
  patternProblems,
} from "@seqloom/data";
import { z } from "zod";
import { type Clip, clipsOf, readClips } from "../clips.js";
import { SOUND } from "../signals.js";

const SPLITS = ["train", "validation", "test"] as const;

const params = z.strictObject({
  files: filesParam.describe("WAV files: a path or glob, a URL, a list of such, or some of each split"),
  names: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe(
      'What the names of the files say: "{label}_{group}_{take}.wav" gives the columns label, group and take. Of a list, the first pattern that fits',
    ),
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

/** Bytes of samples that are read at a time: what a thread holds, several times over while it computes and writes. */
const PIECE = 1_000_000;

type Where = { readonly clips: readonly Clip[]; readonly splits: readonly (Split | null)[] };

/** Loads sounds from WAV files, one row per file or per segment, with labels from the names of the files. */
export const loadWav = defineSource({
  id: "audio/load-wav",
  version: 1,
  description: "Loads sounds from WAV files, one row per file or per segment, with labels from the names of the files.",
  params,
  outputs: { data: dataset({ id: "utf8", ...SOUND }) },
  outputsFor: ({ files, names }) => ({
    data: dataset({
      id: "utf8" as const,
      ...SOUND,
      ...Object.fromEntries(fieldsOf(names ?? "").map((field) => [field, "label" as const])),
      ...(isSplit(files) && { split: "label" as const }),
    }),
  }),
  fromFiles: {
    columns: { id: "utf8", ...SOUND },
    read: (files, { channels }, context) =>
      Dataset.of(
        readClips(
          files.flatMap((file) => clipsOf(file, null, context.log)),
          channels,
          context,
        ),
      ),
  },
  examples: [
    { title: "7_jackson_32.wav, …", with: { files: "recordings/*.wav", names: "{label}_{group}_{take}.wav" } },
  ],
  fileNamesMatter: true,
  files: ({ files }) => fileGroups(files),
  check: ({ files, names }) => [
    ...fileProblems(files, ["files"]),
    ...[names ?? []].flat().flatMap((name) => patternProblems(name, ["names"], ["id", "signal", "sample_rate"])),
  ],
  pieces: async function* ({ files, segment }, context) {
    let clips: Clip[] = [];
    let splits: (Split | null)[] = [];
    let identity: Json[] = [];
    let bytes = 0;
    for (const part of partsOf(files, context)) {
      for (const file of part.files) {
        context.signal.throwIfAborted();
        for (const clip of clipsOf(file, segment ?? null, context.log)) {
          clips.push(clip);
          splits.push(part.split);
          identity.push([file.digest, file.name, clip.start, clip.end, part.split]);
          bytes += 4 * (clip.end - clip.start);
          if (bytes < PIECE) continue;
          yield { identity, where: { clips, splits }, bytes };
          [clips, splits, identity, bytes] = [[], [], [], 0];
        }
      }
    }
    if (clips.length > 0) yield { identity, where: { clips, splits }, bytes };
  },
  read: async ({ clips, splits }: Where, { files, names, channels }, context, widths) => {
    const columns = readClips(clips, channels, context, widths?.signal ?? null);
    if (names !== undefined)
      columns.push(
        ...namedColumns(
          names,
          clips.map(({ name }) => name),
        ),
      );
    if (isSplit(files)) columns.push(["split", labels(splits, SPLITS)]);
    return Dataset.of(columns);
  },
});
