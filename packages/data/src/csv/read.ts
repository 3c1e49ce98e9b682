/** @file Reads a region of a CSV file (RFC 4180): some whole records. Blank lines are passed over. */
import { type DiagnosticError, fail } from "@seqloom/core";
import { type Beginning, decodeText, type Encoding, toUtf8 } from "../encoding.js";
import { CellProblem } from "../sinks.js";
import { type Dialect, otherDelimiter, placeOfCell, quoteFault } from "./scan.js";

/** How to read a CSV file. */
export interface CsvOptions extends Dialect {
  /** Whether the first record names the columns; or their names; false numbers them 0, 1, 2, …. */
  readonly header: boolean | readonly string[];
}

/** Bytes of a CSV file, and where they are in it. */
export interface CsvText extends Beginning {
  readonly bytes: Buffer;
  readonly encoding: Encoding;
  /** The name of the file, for messages. */
  readonly file: string;
  /** The first line of the file, which tells most of what is wrong with it. */
  readonly head: string;
}

/** Takes rows. May throw {@link CellProblem}. */
export interface CsvConsumer {
  header(names: readonly string[]): void;
  row(cells: readonly string[]): void;
}

/**
 * Reads the rows of some records, `limit` at most. The header is told first, and is the first record where `hasHeader`.
 * @throws DiagnosticError `csv-quote`, `csv-ragged`, `file-encoding`, … with the place in the file.
 */
export async function readRecords(
  text: CsvText,
  options: CsvOptions,
  {
    header,
    hasHeader,
    limit,
  }: { readonly header: readonly string[]; readonly hasHeader: boolean; readonly limit: number },
  consumer: CsvConsumer,
): Promise<void> {
  let told = false;
  await eachRecord(text, options, limit + Number(hasHeader), (cells) => {
    if (cells.length !== header.length) throw new Ragged(cells.length, header.length);
    if (!told) consumer.header(header);
    if (told || !hasHeader) consumer.row(cells);
    told = true;
  });
}

/** The names of the columns, from the first record of the file; null when there is none. */
export async function readHeader(text: CsvText, options: CsvOptions): Promise<readonly string[] | null> {
  let first: readonly string[] | null = null;
  await eachRecord(text, options, 1, (cells) => {
    first = cells;
  });
  if (first === null) return null;
  const { header } = options;
  if (Array.isArray(header)) return header as readonly string[];
  return header === true ? first : (first as readonly string[]).map((_, place) => String(place));
}

async function eachRecord(
  text: CsvText,
  options: CsvOptions,
  count: number,
  take: (cells: readonly string[]) => void,
): Promise<void> {
  const { CsvError, parse } = await import("csv-parse/sync");
  const bytes = toUtf8(text.bytes, text.encoding, text.file, text);
  let records = 0;
  try {
    parse(bytes, {
      delimiter: options.delimiter,
      quote: options.quote ?? false,
      escape: options.quote ?? null,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true, // ours to report: with the line
      skip_empty_lines: true,
      to: Number.isFinite(count) ? count : -1,
      on_record: (cells: readonly string[]) => {
        take(cells);
        records++;
        return null;
      },
    });
  } catch (error) {
    throw error instanceof CsvError ? misquoted(error, text, options) : located(error, text, options, records);
  }
}

/** A row with more or fewer cells than the header. */
class Ragged extends Error {
  readonly received: number;
  readonly expected: number;

  constructor(received: number, expected: number) {
    super();
    this.received = received;
    this.expected = expected;
  }
}

/** What a person needs to know of an error in record number `record`. */
function located(error: unknown, text: CsvText, options: CsvOptions, record: number): unknown {
  const placeOf = (field: number) =>
    placeOfCell(decodeText(text.bytes, text.encoding, text.file), options, record, field, text.file, text);
  if (error instanceof Ragged) {
    const first =
      options.header === true ? "the header has" : options.header === false ? "the first has" : "header names";
    const less = error.received < error.expected;
    const usual = less
      ? "Is a value missing, or the delimiter another one? Set delimiter."
      : `Is there a "${options.delimiter}" in a value? Then the value must be in quotes.`;
    return fail("csv-ragged", `row with ${cells(error.received)} where ${first} ${error.expected}`, {
      hint: delimiterHint(text.head, options) ?? usual,
      at: placeOf(less ? error.received - 1 : error.expected),
    });
  }
  if (error instanceof CellProblem) {
    const { code, message, field } = error;
    const hint = (code === "csv-column-missing" ? delimiterHint(text.head, options) : undefined) ?? error.hint;
    return fail(code, message, { hint, at: placeOf(field) });
  }
  return error;
}

/** What to say where the first line is one cell and another delimiter would part it; else undefined. */
function delimiterHint(head: string, options: CsvOptions): string | undefined {
  const other = otherDelimiter(head, options);
  if (other === undefined) return undefined;
  const { line, delimiter } = other;
  const which = options.header === true ? "The header is one column" : "The first row is one cell";
  const shown = JSON.stringify(line.length > 40 ? `${line.slice(0, 39)}…` : line);
  return `${which}, ${shown}: set delimiter: ${JSON.stringify(delimiter)}.`;
}

/** What the parser could not make sense of: it is always a quote, or what another delimiter makes of one. */
function misquoted(error: Error, text: CsvText, dialect: CsvOptions): DiagnosticError {
  const fault = quoteFault(decodeText(text.bytes, text.encoding, text.file), dialect, text.file, text);
  if (fault === undefined) return fail("csv-quote", `"${text.file}" is not CSV: ${error.message}`);
  const what = {
    "never-closed": "a quote opens here and never closes",
    "after-close": `more text after the quote that closes a value (it opens on line ${fault.opened})`,
    "in-plain": "a quote inside a value that does not begin with one",
  }[fault.kind];
  return fail("csv-quote", what, {
    hint:
      delimiterHint(text.head, dialect) ??
      "In a quoted value, write each quote twice. If this file does not use quotes, set quote: null.",
    at: fault.at,
  });
}

function cells(count: number): string {
  return count === 1 ? "1 cell" : `${count} cells`;
}
