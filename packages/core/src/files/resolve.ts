/** @file Finds, downloads and verifies the files that a stage asks for, before it runs. */
import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Digest } from "../brands.js";
import { type Diagnostic, DiagnosticError, type Location } from "../diagnostics/diagnostic.js";
import type { FileSource, Progress, ResolvedFile } from "../stages/context.js";
import { readChecksums } from "./checksums.js";
import { cachePath, type DownloadOptions, download } from "./download.js";
import { findFiles } from "./find.js";
import { FileMemo } from "./memo.js";
import { Mirrors } from "./mirror.js";

/** The files of a stage, by group. */
export type FileGroups = Readonly<Record<string, readonly FileSource[]>>;

/** What the planner knows of a file: its name, and the SHA-256 of its content. */
export interface PlannedFile {
  readonly name: string;
  readonly digest: Digest;
}

/** Whom a diagnostic concerns. */
interface Blame {
  readonly stage?: string | undefined;
  /** Where the pipeline names the files. */
  readonly at?: Location | undefined;
}

/** Where to look for files. */
export interface ResolveOptions extends Blame, Omit<DownloadOptions, "onProgress"> {
  /** The folder against which paths and globs are read. */
  readonly directory: string;
  /** Folders with copies of files that are named by URL: `SEQLOOM_MIRROR`, split by `path.delimiter`. */
  readonly mirrors: readonly string[];
  /** Spares reading files again that did not change. */
  readonly memo?: FileMemo | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Where the planner looks for files. */
export interface PlanFilesOptions extends Blame {
  readonly directory: string;
  readonly memo: FileMemo;
  readonly signal?: AbortSignal | undefined;
}

const PARALLEL = 8;
/** After so many downloads that failed, those of a thousand files are not tried one after the other. */
const GIVE_UP = 3;

/**
 * The files of every group, in the order of their sources, those of a glob sorted by code unit; a file that two patterns
 * of a group name is there once. Content named by URL is looked for in the cache, in the mirrors, then on the network.
 * @throws DiagnosticError with every problem found: `file-missing`, `no-files-match`, `file-is-folder`, `download-failed`,
 * `sha256-mismatch`, ….
 */
export async function resolveFiles(
  groups: FileGroups,
  options: ResolveOptions,
): Promise<Record<string, ResolvedFile[]>> {
  const memo = options.memo ?? FileMemo.inMemory();
  const mirrors = new Mirrors(options.mirrors, memo);
  const fetched = new Map<string, Promise<string>>();
  const open = (url: string, sha256: string): Promise<string> => {
    const path = fetched.get(sha256) ?? fetchFile(url, sha256, mirrors, memo, options);
    fetched.set(sha256, path);
    return path;
  };
  return eachFile(groups, options, {
    local: async (path, name) => ({ path, name, digest: await memo.digest(path, options.signal) }),
    remote: async (url, sha256, name) => ({ path: await open(url, sha256), name, digest: sha256 }),
  });
}

/**
 * Names and digests of the files of every group, without the network: a file named by URL has the digest that the
 * pipeline declares.
 * @throws DiagnosticError as {@link resolveFiles} does for paths and globs.
 */
export async function planFiles(groups: FileGroups, options: PlanFilesOptions): Promise<Record<string, PlannedFile[]>> {
  return eachFile(groups, options, {
    local: async (path, name) => ({ name, digest: await options.memo.digest(path, options.signal) }),
    remote: async (_, sha256, name) => ({ name, digest: sha256 as Digest }),
  });
}

interface Visitor<T> {
  local(path: string, name: string): Promise<T>;
  remote(url: string, sha256: string, name: string): Promise<T>;
}

/** One file to visit: the group that it belongs to, or what is wrong with the source that should have named it. */
type Task<T> = { readonly group: string; readonly run: () => Promise<T> } | Diagnostic;

async function eachFile<T>(
  groups: FileGroups,
  options: Blame & { readonly directory: string },
  visitor: Visitor<T>,
): Promise<Record<string, T[]>> {
  const tasks = await tasksOf(groups, options.directory, visitor);
  const done: (T | readonly Diagnostic[])[] = [];
  let next = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let place = next++; place < tasks.length && failed < GIVE_UP; place = next++) {
      done[place] = await outcome(tasks[place]);
      if (isFailedDownload(done[place])) failed++;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const problems = done.flatMap((one) => (Array.isArray(one) ? (one as readonly Diagnostic[]) : []));
  if (problems.length > 0) throw new DiagnosticError(unique(problems).map((problem) => blamed(problem, options)));
  const result: Record<string, T[]> = Object.fromEntries(Object.keys(groups).map((group) => [group, []]));
  for (const [place, task] of tasks.entries()) if ("run" in task) result[task.group].push(done[place] as T);
  return result;
}

async function tasksOf<T>(groups: FileGroups, directory: string, visitor: Visitor<T>): Promise<Task<T>[]> {
  const tasks: Task<T>[] = [];
  for (const [group, sources] of Object.entries(groups)) {
    const seen = new Set<string>();
    for (const source of sources) {
      if ("sha256" in source) {
        tasks.push({ group, run: () => visitor.remote(source.url, source.sha256, source.url) });
        continue;
      }
      if ("checksums" in source) {
        const listed = await readChecksums(source.checksums, directory);
        if (isDiagnostic(listed)) tasks.push(listed);
        else
          for (const { name, sha256 } of listed) {
            const url = `${source.url}${name.split("/").map(encodeURIComponent).join("/")}`;
            tasks.push({ group, run: () => visitor.remote(url, sha256, name) });
          }
        continue;
      }
      const found = await findFiles(source.path, directory);
      if (isDiagnostic(found)) {
        tasks.push(found);
        continue;
      }
      for (const { path, name } of found) {
        if (!seen.has(path)) tasks.push({ group, run: () => visitor.local(path, name) });
        seen.add(path);
      }
    }
  }
  return tasks;
}

function isFailedDownload(outcome: unknown): boolean {
  return Array.isArray(outcome) && outcome.some(({ code }: Diagnostic) => code === "download-failed");
}

/** What visiting the file gave, or what went wrong. */
async function outcome<T>(task: Task<T>): Promise<T | readonly Diagnostic[]> {
  if (!("run" in task)) return [task];
  try {
    return await task.run();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

async function fetchFile(
  url: string,
  sha256: string,
  mirrors: Mirrors,
  memo: FileMemo,
  options: ResolveOptions,
): Promise<string> {
  const cached = cachePath(options.downloads, sha256);
  if (statSync(cached, { throwIfNoEntry: false })?.isFile()) {
    if ((await memo.digest(cached, options.signal)) === sha256) return cached;
    await rm(cached, { force: true }); // damaged since it was written
  }
  const mirrored = await mirrors.find(sha256, options.signal);
  if (mirrored !== undefined) return mirrored;
  try {
    return await download(url, sha256, options);
  } catch (error) {
    if (error instanceof DiagnosticError && mirrors.missing.length > 0) {
      const note = ` SEQLOOM_MIRROR names ${mirrors.missing.map((folder) => `"${folder}"`).join(", ")}, which is no folder.`;
      throw new DiagnosticError(error.diagnostics.map((one) => ({ ...one, hint: `${one.hint ?? ""}${note}` })));
    }
    throw error;
  }
}

function isDiagnostic(found: readonly unknown[] | Diagnostic): found is Diagnostic {
  return !Array.isArray(found);
}

/** Two groups may name the same file: its problem is one problem. */
function unique(problems: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

function blamed(problem: Diagnostic, { stage, at }: Blame): Diagnostic {
  return { ...problem, ...(at !== undefined && { at }), ...(stage !== undefined && { stage }) };
}
