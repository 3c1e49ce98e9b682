/** @file How loaders name their files: one source, several, or some for each split. */
import type { FileSource, ParamProblem, ResolvedFile, Split, StageContext } from "@seqloom/core";
import { z } from "zod";
import { SPLITS } from "./splits.js";

const source = z.union([
  z.string().min(1).describe("Path or glob, relative to the pipeline"),
  z
    .strictObject({
      url: z.string().min(1).describe("Address of the file: https, http or file"),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, "a SHA-256 is 64 hexadecimal digits in lower case")
        .describe("SHA-256 of its content"),
    })
    .describe("A file to download once and keep"),
  z
    .strictObject({
      url: z
        .string()
        .regex(/\/$/, "the address of a folder ends with a slash")
        .describe("Address of a folder of files"),
      checksums: z
        .string()
        .min(1)
        .describe("List of the files in it with their SHA-256, beside the pipeline, as sha256sum writes it"),
    })
    .describe("Many files to download once and keep"),
]);

const sources = z.union([source, z.array(source).min(1)]);

/** The schema of a parameter that names files. */
export const filesParam = z.union([
  sources,
  z
    .strictObject({ train: sources.optional(), validation: sources.optional(), test: sources.optional() })
    .describe("Files of each split: they give the column split"),
]);

/** Files as a pipeline names them. */
export type FilesParam = z.output<typeof filesParam>;
type Sources = z.output<typeof sources>;

/** The files of one split, or all files where they are not split. */
export interface Part {
  readonly split: Split | null;
  readonly files: readonly ResolvedFile[];
}

/** Whether the files are given by split. */
export function isSplit(files: FilesParam): files is Partial<Record<Split, Sources | undefined>> {
  return typeof files === "object" && !Array.isArray(files) && !("url" in files);
}

/** The files as the engine wants them: a group named `name`, or one for each split, such as `train` or `train labels`. */
export function fileGroups(files: FilesParam, name = "files"): Record<string, readonly FileSource[]> {
  if (!isSplit(files)) return { [name]: listOf(files) };
  return Object.fromEntries(splitsIn(files).map((split) => [groupName(split, name), listOf(files[split] ?? [])]));
}

/** The files that the engine found for {@link fileGroups}, splits in the order train, validation, test. */
export function partsOf(files: FilesParam, context: StageContext, name = "files"): readonly Part[] {
  if (!isSplit(files)) return [{ split: null, files: context.files[name] ?? [] }];
  return splitsIn(files).map((split) => ({ split, files: context.files[groupName(split, name)] ?? [] }));
}

/** What the schema cannot say of such a parameter. */
export function fileProblems(files: FilesParam, path: readonly string[]): ParamProblem[] {
  const all = Object.values(fileGroups(files)).flat();
  const problems: ParamProblem[] = all
    .filter((one) => "path" in one && /^(https?|file):\/\//.test(one.path))
    .map((one) => ({
      path,
      message: `"${(one as { path: string }).path}" is a URL without the SHA-256 of its content`,
      hint: "Write { url: …, sha256: … }; sha256sum prints the digest of a file.",
    }));
  if (all.length === 0)
    problems.push({ path, message: "no file is named", hint: "Name the files of train, at least." });
  return problems;
}

function splitsIn(files: Partial<Record<Split, unknown>>): Split[] {
  return SPLITS.filter((split) => files[split] !== undefined);
}

function listOf(given: Sources): FileSource[] {
  const list = Array.isArray(given) ? given : [given];
  return list.map((one) => (typeof one === "string" ? { path: one } : one));
}

function groupName(split: Split, name: string): string {
  return name === "files" ? split : `${split} ${name}`;
}
