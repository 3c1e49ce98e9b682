/**
 * @file Finds places in CSV text: where a cell begins, where a quote is wrong. The parser is faster but knows records only;
 * this is read when there is something to tell a person.
 */
import type { Location } from "@seqloom/core";
import { type Beginning, placeIn } from "../encoding.js";

/** How a CSV file is written. */
export interface Dialect {
  readonly delimiter: string;
  /** The character around values that hold delimiters or line ends; null when the file uses none. */
  readonly quote: string | null;
}

/** A quote where RFC 4180 allows none, or that is never closed. */
export interface QuoteFault {
  readonly kind: "in-plain" | "after-close" | "never-closed";
  readonly at: Location;
  /** The line on which the quoted value begins. */
  readonly opened: number;
}

interface Field {
  readonly record: number;
  readonly field: number;
  readonly offset: number;
  readonly fault?: QuoteFault["kind"];
  /** Where the fault is, if not at `offset`. */
  readonly faultAt?: number;
}

/** The place of a cell; records and fields count from 0, blank lines are no records. */
export function placeOfCell(
  text: string,
  dialect: Dialect,
  record: number,
  field: number,
  file: string,
  from: Beginning,
): Location {
  let found = 0;
  for (const one of fieldsOf(text, dialect)) {
    if (one.record > record) break;
    if (one.record === record && one.field <= field) found = one.offset;
  }
  return placeIn(text, found, file, from);
}

/** The first quote that is wrong, or undefined. */
export function quoteFault(text: string, dialect: Dialect, file: string, from: Beginning): QuoteFault | undefined {
  for (const { fault, faultAt, offset } of fieldsOf(text, dialect)) {
    if (fault !== undefined) {
      const { line: opened } = placeIn(text, offset, file, from);
      return { kind: fault, at: placeIn(text, faultAt ?? offset, file, from), opened };
    }
  }
  return undefined;
}

const DELIMITERS = [",", ";", "\t", "|"];

/**
 * The first line without its quotes, and the common delimiter that it has most of outside quotes, where this dialect takes it for one cell;
 * undefined where it has none: then the delimiter is not what is wrong.
 */
export function otherDelimiter(text: string, dialect: Dialect): { line: string; delimiter: string } | undefined {
  const [line] = /[^\r\n]+/.exec(text) ?? [""];
  const parts = dialect.quote === null ? [line] : line.split(dialect.quote).filter((_, i) => i % 2 === 0);
  const plain = parts.join("");
  if (plain.includes(dialect.delimiter)) return undefined;
  const count = (delimiter: string): number => plain.split(delimiter).length - 1;
  const [most] = DELIMITERS.toSorted((a, b) => count(b) - count(a));
  return count(most) === 0 ? undefined : { line: line.replaceAll(dialect.quote ?? "", ""), delimiter: most };
}

/** Every field in order, up to the first fault. */
function* fieldsOf(text: string, { delimiter, quote }: Dialect): Generator<Field> {
  let record = 0;
  let field = 0;
  let at = 0;
  while (at < text.length) {
    if (field === 0 && isBreak(text[at])) {
      at += breakLength(text, at); // a blank line
      continue;
    }
    const offset = at;
    if (quote !== null && text[at] === quote) {
      at = closing(text, at + 1, quote);
      if (at < 0) return yield { record, field, offset, fault: "never-closed" };
      const ends = at === text.length || isBreak(text[at]) || text.startsWith(delimiter, at);
      if (!ends) return yield { record, field, offset, fault: "after-close", faultAt: at };
    } else {
      while (at < text.length && !isBreak(text[at]) && !text.startsWith(delimiter, at)) {
        if (text[at] === quote) return yield { record, field, offset, fault: "in-plain", faultAt: at };
        at++;
      }
    }
    yield { record, field, offset };
    if (at < text.length && !isBreak(text[at])) {
      at += delimiter.length;
      field++;
      if (at === text.length || isBreak(text[at]))
        yield { record, field, offset: at }; // an empty last field
      else continue;
    }
    at += breakLength(text, at);
    record++;
    field = 0;
  }
}

/** The place after the quote that closes a value; two quotes are one quote in it. -1: it never closes. */
function closing(text: string, start: number, quote: string): number {
  for (let at = text.indexOf(quote, start); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (text[at + 1] !== quote) return at + 1;
  }
  return -1;
}

function isBreak(character: string): boolean {
  return character === "\n" || character === "\r";
}

function breakLength(text: string, at: number): number {
  return text.startsWith("\r\n", at) ? 2 : 1;
}
