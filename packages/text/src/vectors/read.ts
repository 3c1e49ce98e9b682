/** @file The files that word vectors come in: word2vec's two formats, and GloVe's. */
import { fail } from "@seqloom/core";

/** The formats by name. */
export const VECTOR_FORMATS = ["word2vec_text", "word2vec_binary", "glove"] as const;
export type VectorFormat = (typeof VECTOR_FORMATS)[number];

/** Words and their vectors, `[words, width]`. */
export interface ReadVectors {
  readonly words: readonly string[];
  readonly values: Float32Array;
  readonly width: number;
}

const NEWLINE = 10;
const SPACE = 32;
const HEADER = /^(\d+)[ \t]+(\d+)\s*$/;

/**
 * Reads the vectors of a file; `limit` stops after so many words. Without a format it is known by the first line (two whole
 * numbers: word2vec) and by whether what comes after the first word is written in digits.
 * @throws DiagnosticError `vectors-header`, `vectors-width`, `vectors-number`, `vectors-cut`, `vectors-empty`.
 */
export function readVectors(bytes: Buffer, name: string, format: VectorFormat | null, limit: number): ReadVectors {
  const found = format ?? formatOf(bytes);
  if (found === "word2vec_binary") return readBinary(bytes, name, limit);
  return readText(bytes, name, found === "word2vec_text", limit);
}

function formatOf(bytes: Buffer): VectorFormat {
  const line = lineAt(bytes, 0);
  if (!HEADER.test(line.text)) return "glove";
  const space = bytes.indexOf(SPACE, line.next);
  const [start] = bytes.toString("latin1", space + 1, space + 33).split("\n");
  return space >= 0 && !/^[-+.\deEnaifNI\s]+$/.test(start) ? "word2vec_binary" : "word2vec_text";
}

function lineAt(bytes: Buffer, start: number): { readonly text: string; readonly next: number } {
  const found = bytes.indexOf(NEWLINE, start);
  const end = found < 0 ? bytes.length : found;
  return { text: bytes.toString("utf8", start, end), next: end + 1 };
}

interface Header {
  readonly count: number;
  readonly width: number;
  readonly next: number;
}

function headerOf(bytes: Buffer, name: string): Header {
  const { text, next } = lineAt(bytes, 0);
  const match = HEADER.exec(text);
  if (match === null) {
    throw fail("vectors-header", `"${name}" has no header: it begins with "${text.slice(0, 40)}"`, {
      hint: "A file of word2vec says first how many words it has, and how many numbers each. Without that it may be format: glove.",
      at: { file: name, line: 1, column: 1 },
    });
  }
  const [count, width] = [Number(match[1]), Number(match[2])];
  // A number takes a byte at least, and a space: what says more lies, and would take all memory.
  if (width === 0 || count * width > bytes.length) {
    throw fail("vectors-header", `"${name}" says ${count} words of ${width} numbers, and has ${bytes.length} bytes`, {
      hint: "The file is cut short, or its header is of another file.",
      at: { file: name, line: 1, column: 1 },
    });
  }
  return { count, width, next };
}

function readBinary(bytes: Buffer, name: string, limit: number): ReadVectors {
  const { count, width, next } = headerOf(bytes, name);
  const size = 4 * width;
  const most = Math.min(count, limit);
  const words: string[] = [];
  const values = new Float32Array(most * width);
  let at = next;
  for (let row = 0; row < most; row++) {
    // Some writers end each vector with a line, others do not.
    while (bytes[at] === NEWLINE) at++;
    const space = bytes.indexOf(SPACE, at);
    if (space < 0 || space + 1 + size > bytes.length) {
      throw fail("vectors-cut", `"${name}" says ${count} words, and ends within number ${row + 1}`, {
        hint: "The file is cut short: copy or download it again. limit takes only the first words.",
      });
    }
    words.push(bytes.toString("utf8", at, space));
    for (let i = 0; i < width; i++) {
      const value = bytes.readFloatLE(space + 1 + 4 * i);
      if (!Number.isFinite(value)) throw notNumber(name, words[row], String(value), undefined);
      values[row * width + i] = value;
    }
    at = space + 1 + size;
  }
  while (bytes[at] === NEWLINE) at++;
  if (most === count && at < bytes.length) throw more(name, count);
  return { words, values, width };
}

function readText(bytes: Buffer, name: string, hasHeader: boolean, limit: number): ReadVectors {
  const header = hasHeader ? headerOf(bytes, name) : null;
  let width = header?.width ?? -1;
  const words: string[] = [];
  let values = new Float32Array(header === null ? 1 << 16 : Math.min(header.count, limit) * header.width);
  let number = header === null ? 0 : 1;
  for (let at = header?.next ?? 0; at < bytes.length && words.length < limit; ) {
    const { text, next } = lineAt(bytes, at);
    at = next;
    number++;
    const line = text.trimEnd();
    if (line === "") continue;
    if (header !== null && words.length === header.count) throw more(name, header.count);
    const parts = line.split(/[ \t]+/);
    if (width < 0) width = parts.length - 1;
    // A word may have spaces in it: the numbers are the last ones. But what is a number is no part of a word.
    const first = parts.length - width;
    if (first < 1 || width === 0 || (first > 1 && parts.slice(1, first).every(isNumber))) {
      throw fail(
        "vectors-width",
        `line ${number} of "${name}" has ${parts.length - 1} numbers, and should have ${Math.max(width, 1)}`,
        {
          hint: "Every line is a word and as many numbers as the first, with spaces between.",
          at: { file: name, line: number, column: 1 },
        },
      );
    }
    const start = words.length * width;
    if (start + width > values.length) {
      const grown = new Float32Array(Math.max(2 * values.length, start + width));
      grown.set(values);
      values = grown;
    }
    const word = parts.slice(0, first).join(" ");
    for (let i = 0; i < width; i++) {
      const value = Number(parts[first + i]);
      if (parts[first + i] === "" || !Number.isFinite(value)) throw notNumber(name, word, parts[first + i], number);
      values[start + i] = value;
    }
    words.push(word);
  }
  if (header !== null && words.length < Math.min(header.count, limit)) {
    throw fail("vectors-header", `"${name}" says ${header.count} words, and has ${words.length}`, {
      hint: "The file is cut short, or its header is of another file. limit takes only the first words.",
      at: { file: name, line: 1, column: 1 },
    });
  }
  if (words.length === 0) throw fail("vectors-empty", `"${name}" holds no vector`, { hint: "Name a file of vectors." });
  return { words, values: values.slice(0, words.length * width), width };
}

function isNumber(text: string): boolean {
  return text !== "" && Number.isFinite(Number(text));
}

function more(name: string, count: number) {
  return fail("vectors-header", `"${name}" says ${count} words, and has more`, {
    hint: "Its header is of another file: correct the first line.",
    at: { file: name, line: 1, column: 1 },
  });
}

function notNumber(name: string, word: string, text: string, line: number | undefined) {
  return fail("vectors-number", `the vector of "${word}" in "${name}" holds "${text}", which is no number`, {
    hint: "Leave such lines out, or make the file again.",
    ...(line !== undefined && { at: { file: name, line, column: 1 } }),
  });
}
