import { pipeline } from "node:stream/promises";
import { type DiagnosticError, fail, type ResolvedFile } from "@seqloom/core";
import { readBytes } from "../bytes.js";
import { decodeText, type Encoding, toUtf8 } from "../encoding.js";
import { CellProblem } from "../sinks.js";
import { type Dialect, otherDelimiter, placeOfCell, quoteFault } from "./scan.js";

/** How to read a CSV file. */
export interface CsvOptions extends Dialect {
  /** Whether the first record names the columns; or their names; false numbers them 0, 1, 2, …. */
  readonly header: boolean | readonly string[];
  readonly encoding: Encoding;
  /** Rows to read at most. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Takes what a file has, in order: its header once, then its rows. May throw {@link CellProblem}. */
export interface CsvConsumer {
  header(names: readonly string[]): void;
  row(cells: readonly string[]): void;
}

const SLICE = 1 << 20;

/**
 * Reads a CSV file (RFC 4180; gzip or not) and gives the number of its rows. Blank lines are passed over.
 * @throws DiagnosticError `csv-quote`, `csv-ragged`, `csv-no-rows`, `file-empty`, `file-encoding`, … with the place in the file.
 */
export async function readCsv(file: ResolvedFile, options: CsvOptions, consumer: CsvConsumer): Promise<number> {
  const { CsvError, parse } = await import("csv-parse");
  const original = await readBytes(file, options.signal);
  const bytes = toUtf8(original, options.encoding, file.name);
  const named = options.header === true ? 1 : 0;
  let records = 0;
  let expected = -1;
  const enough = (): boolean => records - named >= options.limit;
  const take = (record: readonly string[]): void => {
    if (enough()) return; // maybe cut by the end of the last slice
    if (expected < 0) {
      const names = headerOf(record, options.header);
      expected = names.length;
      consumer.header(names);
      if (named === 1) return;
    }
    if (record.length !== expected) throw new Ragged(record.length, expected);
    consumer.row(record);
  };
  const parser = parse({
    delimiter: options.delimiter,
    quote: options.quote ?? false,
    escape: options.quote ?? null,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true, // ours to report: with the line
    skip_empty_lines: true,
  });
  try {
    const sink = async (parsed: AsyncIterable<readonly string[]>): Promise<void> => {
      for await (const record of parsed) {
        take(record);
        records++;
      }
    };
    await pipeline(slices(bytes, enough), parser, sink, { signal: options.signal });
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof CsvError && enough())) {
      const text = decodeText(original, options.encoding, file.name);
      throw error instanceof CsvError
        ? misquoted(error, text, options, file.name)
        : located(error, text, options, records, file.name);
    }
  }
  const rows = Math.min(Math.max(records - named, 0), options.limit);
  if (rows === 0) {
    throw fail("csv-no-rows", `"${file.name}" has ${records > 0 ? "a header but no rows" : "only blank lines"}`, {
      hint: records > 0 ? "If the first line is data, set header: false." : "A loader needs at least one row.",
      at: { file: file.name, line: 1, column: 1 },
    });
  }
  return rows;
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

/** In slices, so that other work goes on and an abort is heard between them. */
async function* slices(bytes: Buffer, enough: () => boolean): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length && !enough(); start += SLICE) {
    yield bytes.subarray(start, start + SLICE);
    await new Promise(setImmediate);
  }
}

function headerOf(first: readonly string[], header: boolean | readonly string[]): readonly string[] {
  if (header === true) return first;
  if (header === false) return first.map((_, place) => String(place));
  if (header.length !== first.length) throw new Ragged(first.length, header.length);
  return header;
}

/** What a person needs to know of an error in record number `record`. */
function located(error: unknown, text: string, options: CsvOptions, record: number, file: string): unknown {
  if (error instanceof Ragged) {
    const first =
      options.header === true ? "the header has" : options.header === false ? "the first has" : "header names";
    const less = error.received < error.expected;
    const usual = less
      ? "Is a value missing, or the delimiter another one? Set delimiter."
      : `Is there a "${options.delimiter}" in a value? Then the value must be in quotes.`;
    return fail("csv-ragged", `row with ${cells(error.received)} where ${first} ${error.expected}`, {
      hint: delimiterHint(text, options) ?? usual,
      at: placeOfCell(text, options, record, less ? error.received - 1 : error.expected, file),
    });
  }
  if (error instanceof CellProblem) {
    const { code, message, field } = error;
    const hint = (code === "csv-column-missing" ? delimiterHint(text, options) : undefined) ?? error.hint;
    return fail(code, message, { hint, at: placeOfCell(text, options, record, field, file) });
  }
  return error;
}

/** What to say where the first line is one cell and another delimiter would part it; else undefined. */
function delimiterHint(text: string, options: CsvOptions): string | undefined {
  const other = otherDelimiter(text, options);
  if (other === undefined) return undefined;
  const { line, delimiter } = other;
  const which = options.header === true ? "The header is one column" : "The first row is one cell";
  const shown = JSON.stringify(line.length > 40 ? `${line.slice(0, 39)}…` : line);
  return `${which}, ${shown}: set delimiter: ${JSON.stringify(delimiter)}.`;
}

/** What the parser could not make sense of: it is always a quote, or what another delimiter makes of one. */
function misquoted(error: Error, text: string, dialect: CsvOptions, file: string): DiagnosticError {
  const fault = quoteFault(text, dialect, file);
  if (fault === undefined) return fail("csv-quote", `"${file}" is not CSV: ${error.message}`);
  const what = {
    "never-closed": "a quote opens here and never closes",
    "after-close": `more text after the quote that closes a value (it opens on line ${fault.opened})`,
    "in-plain": "a quote inside a value that does not begin with one",
  }[fault.kind];
  return fail("csv-quote", what, {
    hint:
      delimiterHint(text, dialect) ??
      "In a quoted value, write each quote twice. If this file does not use quotes, set quote: null.",
    at: fault.at,
  });
}

function cells(count: number): string {
  return count === 1 ? "1 cell" : `${count} cells`;
}
