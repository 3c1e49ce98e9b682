/** @file Turns the paths and globs of a pipeline into files, or into a diagnostic that says what is there instead. */
import { accessSync, constants, readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, isAbsolute, posix, relative, resolve, sep } from "node:path";
import { closest } from "../diagnostics/closest.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";

/** A file on this machine, and its name relative to the pipeline, with `/` between folders. */
export interface FoundFile {
  readonly path: string;
  readonly name: string;
}

const ESCAPED = /\\(.)/g;
const MAGIC = /[*?\\]|\[.*\]|\{.*\}|\(.*\|.*\)|[!+@]\(.*\)/;

/**
 * The files that a path or glob means, sorted by code unit. A path that exists as it is written is no glob, whatever
 * characters it has.
 */
export async function findFiles(pattern: string, directory: string): Promise<readonly FoundFile[] | Diagnostic> {
  const path = resolve(directory, pattern);
  const stats = statOf(path);
  if (stats?.isFile()) return isReadable(path) ? [{ path, name: nameOf(pattern) }] : unreadable(pattern);
  if (stats?.isDirectory()) return folderInstead(pattern);
  if (!MAGIC.test(pattern)) return missing(pattern, path);
  const names = await glob(pattern, directory);
  if (names.length === 0) return nothingMatches(pattern, directory);
  return names.map((name) => ({ path: resolve(directory, name), name }));
}

async function glob(pattern: string, directory: string): Promise<string[]> {
  // Loaded here: most pipelines name their files, and must not wait for a glob library.
  const { default: fastGlob } = await import("fast-glob");
  const found = await fastGlob(pattern, { cwd: directory, dot: false });
  return [...new Set(found.map(nameOf))].sort();
}

function nameOf(path: string): string {
  return posix.normalize(sep === "/" ? path : path.replaceAll(sep, "/"));
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // such as ENOTDIR: a file where the path has a folder
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function unreadable(pattern: string): Diagnostic {
  return error("file-unreadable", `"${pattern}" may not be read`, "Give this user the right to read the file.");
}

function folderInstead(pattern: string): Diagnostic {
  const base = pattern.replace(/[/\\]+$/, "");
  return error(
    "file-is-folder",
    `"${pattern}" is a folder, and a file is needed`,
    `Name a file in it, or all of them: "${base}/*".`,
  );
}

function missing(pattern: string, path: string): Diagnostic {
  const { parent, child } = firstMissing(path);
  const where = shown(pattern, path, parent);
  const near = closest(child, namesIn(parent));
  return error(
    "file-missing",
    parent === dirname(path)
      ? `there is no file "${pattern}"`
      : `there is no file "${pattern}": ${where} has no folder "${child}"`,
    near === undefined ? listing(where, parent) : `Did you mean "${near}"? It is in ${where}.`,
  );
}

function nothingMatches(pattern: string, directory: string): Diagnostic {
  const parts = pattern.split("/");
  const magic = parts.findIndex((part) => MAGIC.test(part.replace(ESCAPED, "")));
  const folder = plain(parts.slice(0, magic).join("/")) || (isAbsolute(pattern) ? "/" : ".");
  const path = resolve(directory, folder);
  const message = `no file matches "${plain(pattern)}"`;
  if (statOf(path)?.isDirectory()) return error("no-files-match", message, listing(shown(folder, path, path), path));
  const { parent, child } = firstMissing(path);
  const where = shown(folder, path, parent);
  const near = closest(child, namesIn(parent));
  return error(
    "no-files-match",
    `${message}: ${where} has no folder "${child}"`,
    near === undefined ? listing(where, parent) : `Did you mean "${near}"? It is in ${where}.`,
  );
}

/** A pattern without the backslashes that take magic from a character. */
function plain(pattern: string): string {
  return pattern.replace(ESCAPED, "$1");
}

/** The first folder or file on the way to `path` that is not there. */
function firstMissing(path: string): { readonly parent: string; readonly child: string } {
  let current = path;
  for (;;) {
    const parent = dirname(current);
    if (parent === current || statOf(parent)?.isDirectory()) return { parent, child: basename(current) };
    current = parent;
  }
}

/** A folder as a person would say it who wrote `pattern`: relative if that was relative. */
function shown(pattern: string, path: string, folder: string): string {
  if (isAbsolute(pattern)) return `folder "${folder}"`;
  const up = relative(folder, path).split(sep).filter(Boolean).length;
  const name = nameOf(pattern)
    .split("/")
    .slice(0, -up || undefined)
    .join("/");
  return name === "" || name === "." ? "the pipeline's folder" : `folder "${name}"`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch {
    return [];
  }
}

function listing(where: string, folder: string): string {
  const names = namesIn(folder);
  if (names.length === 0) return `There is nothing in ${where}.`;
  const first = names.slice(0, 8).join(", ");
  return `In ${where} there is: ${first}${names.length > 8 ? `, … (${names.length} in all)` : ""}.`;
}

function error(code: string, message: string, hint: string): Diagnostic {
  return { code, severity: "error", message, hint };
}
