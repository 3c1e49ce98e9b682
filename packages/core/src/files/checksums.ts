/** @file Lists of files and their SHA-256, in the form that `sha256sum` writes: how a pipeline names a thousand files. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { findFiles } from "./find.js";

/** One line of a list. */
export interface ListedFile {
  readonly sha256: string;
  readonly name: string;
}

const LINE = /^([0-9a-f]{64}) [ *](.+?)\r?$/;

/** The files of a list: `<digest>  <name>`, or `<digest> *<name>`, a line each; lines of another form are passed over. */
export function parseChecksums(text: string): ListedFile[] {
  return text.split("\n").flatMap((line): ListedFile[] => {
    const match = LINE.exec(line);
    return match === null ? [] : [{ sha256: match[1], name: match[2] }];
  });
}

/** The files that a list of the pipeline's folder names, or what is wrong with it. */
export async function readChecksums(path: string, directory: string): Promise<readonly ListedFile[] | Diagnostic> {
  const found = await findFiles(path, directory);
  if (!Array.isArray(found)) return found as Diagnostic;
  const text = readFileSync(resolve(directory, path), "utf8");
  const lines = text.split("\n");
  const strange = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("#") && !LINE.test(line));
  const files = parseChecksums(text);
  const escaping = files.find(({ name }) => name.startsWith("/") || name.split("/").includes(".."));
  if (strange >= 0) return badLine(path, strange + 1, lines[strange]);
  if (escaping !== undefined)
    return badLine(path, lines.findIndex((line) => line.includes(escaping.name)) + 1, escaping.name);
  if (files.length === 0) return { ...badLine(path, 1, ""), message: `"${path}" names no files` };
  return files;
}

function badLine(path: string, line: number, text: string): Diagnostic {
  return {
    code: "checksums-line",
    severity: "error",
    message: `"${path}", line ${line}: no digest and name of a file: "${text.slice(0, 80)}"`,
    hint: "Write the list with `sha256sum *.wav > list.sha256`, in the folder that the URL stands for.",
  };
}
