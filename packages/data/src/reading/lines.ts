/** @file Pieces of files of lines: some megabytes of whole lines each. Lines end with `\n` or `\r\n`; the last needs no end. */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ResolvedFile, StageContext } from "@seqloom/core";
import { decodeText, type Encoding, type EncodingParam } from "../encoding.js";
import { contentOf } from "./content.js";
import { type Region, regionsOf } from "./regions.js";

/** Where the lines of a piece are, and what it takes to read them. Plain data. */
export type LinesPlace = Region & {
  readonly file: string;
  readonly encoding: Encoding;
  /** Rows to take at most; null for all. */
  readonly limit: number | null;
};

/** A piece of a file of lines. */
export interface LinesPiece {
  /** Rows in it; where there is no limit, only whether there are any is sure. */
  readonly rows: number;
  /** Lines in it, those that are no rows too. */
  readonly lines: number;
  readonly identity: { readonly digest: string; readonly limit: number | null };
  readonly where: LinesPlace;
  readonly bytes: number;
}

/** The pieces of one file, up to `most` rows; `isRow` says which lines are rows. */
export async function* linePieces(
  file: ResolvedFile,
  encoding: EncodingParam,
  most: number,
  isRow: (line: string) => boolean,
  context: StageContext,
): AsyncGenerator<LinesPiece> {
  const content = await contentOf(file, encoding, context);
  let left = most;
  const syntax = { quote: null, carriageReturn: false };
  for await (const { bytes, records, lines, ...region } of regionsOf(content, syntax, context.signal)) {
    const beginning = { line: region.line, offset: region.start };
    const own = (): number => linesOf(decodeText(bytes, content.encoding, file.name, beginning)).filter(isRow).length;
    // Every line is looked at only where their number matters, or where there may be no row among them.
    const rows = Number.isFinite(most) || bytes.length < SMALL ? own() : records;
    const limit = rows > left ? left : null;
    yield {
      rows: Math.min(rows, left),
      lines: lines + Number(bytes[bytes.length - 1] !== 10),
      identity: { digest: region.digest, limit },
      where: { ...region, file: file.name, encoding: content.encoding, limit },
      bytes: bytes.length,
    };
    left -= Math.min(rows, left);
    if (left === 0) break;
  }
}

const SMALL = 1 << 16;

/** Lines of one file that belong to the lines of another, taken in order. */
export interface ParallelLines {
  /** The next lines, and how many there were: fewer at the end of the file. */
  take(count: number): { readonly region: Region; readonly lines: number };
  readonly encoding: Encoding;
}

/** Opens a file of short lines, such as labels. It is held in memory while the lines are taken. */
export async function parallelLines(
  file: ResolvedFile,
  encoding: EncodingParam,
  context: StageContext,
): Promise<ParallelLines> {
  const content = await contentOf(file, encoding, context);
  const bytes = await readFile(content.path, { signal: context.signal });
  let start = content.start;
  let line = 1;
  return {
    encoding: content.encoding,
    take: (count) => {
      let end = start;
      let lines = 0;
      while (lines < count && end < bytes.length) {
        const at = bytes.indexOf(10, end);
        end = at < 0 ? bytes.length : at + 1;
        lines++;
      }
      const digest = hash("sha256", bytes.subarray(start, end), "hex");
      const region = { path: content.path, start, end, digest, line };
      start = end;
      line += lines;
      return { region, lines };
    },
  };
}

/** The lines of a text. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
