/**
 * @file Where sentences end. Rules, in one pass over the text: a mark that ends sentences, with the quotes and brackets that
 * close after it, then white space; of periods, those that belong to an abbreviation, an initial or a number are no end.
 */
import type { Abbreviations } from "./abbreviations.js";

/** How to look for the ends of sentences. */
export interface SentenceRules {
  readonly abbreviations: Abbreviations;
  /** Words that often begin a sentence and are no names: after "etc." they say that it has ended. In lower case. */
  readonly starters: ReadonlySet<string>;
  /** Whether each line break ends a sentence; an empty line always does. */
  readonly lines: boolean;
}

/** A sentence as a part of its text, without white space at its ends. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Closing marks: “ closes in German, and in French » after a space. */
const CLOSERS = "(?:[\"'”’“»›)\\]}」』）】]|[ \\u00a0\\u202f]»)*";
/** Marks of scripts that put no space after a sentence, marks that do, and breaks. */
const wide = "(?<wide>[。！？｡]+[\"'”’»›)\\]}」』）】]*)";
const narrow = `(?<marks>[.!?…‽؟۔।॥]+)${CLOSERS}`;
const PARAGRAPHS = new RegExp(`${wide}|${narrow}|(?<break>\\n[^\\S\\n]*\\n)`, "gu");
const LINES = new RegExp(`${wide}|${narrow}|(?<break>\\n)`, "gu");

/** The sentences of a text, in order. Time is linear in its length. */
export function sentenceSpans(text: string, rules: SentenceRules): Span[] {
  const spans: Span[] = [];
  let start = 0;
  const close = (end: number): void => {
    const span = trimmed(text, start, end);
    if (span.start < span.end) spans.push(span);
    start = end;
  };
  for (const { index, 0: whole, groups = {} } of text.matchAll(rules.lines ? LINES : PARAGRAPHS)) {
    const end = index + whole.length;
    if (groups.marks !== undefined && !endsSentence(text, start, index, groups.marks, end, rules)) continue;
    close(end);
  }
  close(text.length);
  return spans;
}

function endsSentence(
  text: string,
  start: number,
  mark: number,
  marks: string,
  end: number,
  { abbreviations, starters }: SentenceRules,
): boolean {
  // A pattern that asked for it would go back and forth over a long row of periods.
  if (end < text.length && !/\s/.test(text[end])) return false;
  const next = wordAfter(text, end);
  if (next === "") return true;
  const goesOn = /^\p{Ll}/u.test(next);
  // "Really?" he asked. But: what? no way!
  if (marks !== ".") return !goesOn || (/[!?‽؟]/.test(marks) && end === mark + marks.length) || /[۔।॥]/.test(marks);
  if (goesOn) return false;
  if (end > mark + 1) return true;
  const word = wordBefore(text, start, mark);
  // Lists of stop words hold single letters too; as a word only "I" is one.
  const starts = (next.length > 1 || next === "I") && starters.has(next.toLowerCase());
  const known = word.toLowerCase();
  if (abbreviations.never.has(known)) return false;
  // "1. Introduction": a number that begins a sentence counts what follows.
  if (/^\p{Nd}{1,3}$/u.test(word)) {
    if (text.slice(start, mark).trim() === word) return false;
    return !abbreviations.ordinals || starts;
  }
  const isShort = abbreviations.seldom.has(known) || /^(?:\p{L}\.)*\p{L}$/u.test(word);
  return !isShort || starts;
}

const LONGEST = 24;

/** What stands before a period, back to white space or an opening mark. */
function wordBefore(text: string, start: number, mark: number): string {
  const piece = text.slice(Math.max(start, mark - LONGEST), mark);
  return /[^\s("'“„«‹[{—–/]*$/u.exec(piece)?.[0] ?? "";
}

const AFTER = /\s*["'“”„«‹([{¿¡–—-]*([\p{L}\p{M}\p{N}'’]*|.)/suy;

/** The word that follows, opening marks not counted; "" at the end of the text. */
function wordAfter(text: string, end: number): string {
  AFTER.lastIndex = end;
  const found = AFTER.exec(text);
  return found === null ? "" : found[1] || found[0].trim();
}

function trimmed(text: string, start: number, end: number): Span {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from])) from++;
  while (to > from && /\s/.test(text[to - 1])) to--;
  return { start: from, end: to };
}
