/** @file Pieces of CSV files: some megabytes of whole records each, with the header of their file. */
import { fail, type ResolvedFile, type StageContext } from "@seqloom/core";
import { decodeText, type Encoding, type EncodingParam } from "../encoding.js";
import { contentOf } from "../reading/content.js";
import { bytesOf, type Region, regionsOf } from "../reading/regions.js";
import { type CsvOptions, type CsvText, readHeader } from "./read.js";

/** Where the rows of a piece are, and what it takes to read them. Plain data. */
export type CsvPlace = Region & {
  readonly file: string;
  readonly encoding: Encoding;
  readonly head: string;
  readonly header: readonly string[];
  /** Whether the first record is the header. */
  readonly hasHeader: boolean;
  /** Rows to read at most; null for all. */
  readonly limit: number | null;
};

/** A piece with the number of its rows. */
export interface CsvPiece {
  readonly rows: number;
  readonly identity: {
    readonly digest: string;
    readonly header: readonly string[];
    readonly hasHeader: boolean;
    readonly limit: number | null;
  };
  readonly where: CsvPlace;
  readonly bytes: number;
}

/** Characters of the first line that are kept for messages. */
const HEAD = 2000;

/**
 * The pieces of one file, up to `most` rows.
 * @throws DiagnosticError `csv-no-rows`, `file-empty`, …; `csv-quote` for a fault in the header.
 */
export async function* csvPieces(
  file: ResolvedFile,
  options: CsvOptions & { readonly encoding: EncodingParam },
  most: number,
  context: StageContext,
): AsyncGenerator<CsvPiece> {
  const content = await contentOf(file, options.encoding, context);
  const { encoding } = content;
  let head: string | undefined;
  let header: readonly string[] | null = null;
  let records = 0;
  let left = most;
  for await (const { bytes, records: own, lines, ...region } of regionsOf(
    content,
    { quote: options.quote, carriageReturn: true },
    context.signal,
  )) {
    const first = head === undefined;
    if (head === undefined) {
      head = firstLine(bytes, encoding);
      header = await readHeader({ ...region, offset: region.start, bytes, encoding, file: file.name, head }, options);
    }
    const hasHeader = first && options.header === true;
    const rows = Math.max(own - Number(hasHeader), 0);
    records += own;
    if (header === null || (rows === 0 && hasHeader)) continue;
    const limit = rows > left ? left : null;
    const common = { header, hasHeader, limit };
    yield {
      rows: Math.min(rows, left),
      identity: { digest: region.digest, ...common },
      where: { ...region, ...common, file: file.name, encoding, head },
      bytes: region.end - region.start,
    };
    left -= Math.min(rows, left);
    if (left === 0) break;
  }
  if (records > Number(options.header === true)) return;
  throw fail("csv-no-rows", `"${file.name}" has ${records > 0 ? "a header but no rows" : "only blank lines"}`, {
    hint: records > 0 ? "If the first line is data, set header: false." : "A loader needs at least one row.",
    at: { file: file.name, line: 1, column: 1 },
  });
}

/** The text of a piece. */
export async function csvTextOf(where: CsvPlace): Promise<CsvText> {
  const { file, encoding, head, line, start } = where;
  return { bytes: await bytesOf(where, file), encoding, file, head, line, offset: start };
}

function firstLine(bytes: Buffer, encoding: Encoding): string {
  const text =
    encoding === "utf8" ? bytes.toString("utf8", 0, 4 * HEAD) : decodeText(bytes.subarray(0, HEAD), encoding, "");
  return (/[^\r\n]+/.exec(text) ?? [""])[0].slice(0, HEAD);
}
