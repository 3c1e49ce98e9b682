import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { codeFrame, type Painter } from "./code-frame.js";
import type { Diagnostic, Location } from "./diagnostic.js";

/** How to print diagnostics. */
export interface RenderOptions {
  readonly color?: boolean;
  /** The text of a file, or undefined when it cannot be had; read from disk by default. */
  readonly readFile?: (path: string) => string | undefined;
  /** Paths are shown relative to this folder. */
  readonly directory?: string;
}

/** Files larger than this are not read to show three lines of them. */
const LARGEST = 4_000_000;

const plain: Painter = { strong: (t) => t, error: (t) => t, warning: (t) => t, dim: (t) => t };
const paint =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;
const colored: Painter = { strong: paint(1, 22), error: paint(31, 39), warning: paint(33, 39), dim: paint(2, 22) };

/** The diagnostics as text for a terminal: what is wrong, where, with the lines around it, and how to mend it. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join("\n\n");
}

function renderDiagnostic(given: Diagnostic, options: RenderOptions): string {
  const diagnostic = {
    ...given,
    message: readable(given.message),
    ...(given.hint !== undefined && { hint: readable(given.hint) }),
    ...(given.stage !== undefined && { stage: readable(given.stage) }),
  };
  const painter = options.color === true ? colored : plain;
  const level = diagnostic.severity === "error" ? painter.error : painter.warning;
  const where = diagnostic.at === undefined ? "" : ` ${painter.dim(place(diagnostic.at, options))}`;
  const stage = diagnostic.stage === undefined ? "" : `${diagnostic.stage}: `;
  const lines = [
    `${level(`${diagnostic.severity}[${diagnostic.code}]`)} ${painter.strong(stage + diagnostic.message)}${where}`,
  ];
  if (diagnostic.at !== undefined) lines.push(...frame(diagnostic.at, options, level, painter.dim));
  if (diagnostic.hint !== undefined) lines.push(`  ${painter.strong("help:")} ${diagnostic.hint}`);
  for (const { message, at } of diagnostic.related ?? []) {
    lines.push(`  ${painter.dim("note:")} ${message} ${painter.dim(place(at, options))}`);
    lines.push(...frame(at, options, painter.dim, painter.dim));
  }
  return lines.join("\n");
}

/** Messages can hold what users wrote: no control character reaches the terminal, and nothing fills it. */
function readable(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replace(/[^\P{Cc}\n\t]/gu, "\ufffd");
}

const LONGEST = 4000;

function place(at: Location, { directory = process.cwd() }: RenderOptions): string {
  const path = at.file.startsWith("/") || /^[A-Za-z]:\\/.test(at.file) ? relative(directory, at.file) : at.file;
  const shown = path === "" || path.startsWith("..") ? at.file : path;
  return `${shown}:${at.line}:${at.column}`;
}

function frame(at: Location, options: RenderOptions, mark: Painter["error"], dim: Painter["dim"]): string[] {
  const source = (options.readFile ?? readSmall)(at.file);
  if (source === undefined || looksBinary(source)) return [];
  return [codeFrame(source, at, mark, dim)];
}

/** NUL, or the first byte of gzip. */
function looksBinary(source: string): boolean {
  return source.startsWith("\u001f") || source.slice(0, 4096).includes("\u0000");
}

function readSmall(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return text.length > LARGEST ? undefined : text;
  } catch {
    return undefined;
  }
}
