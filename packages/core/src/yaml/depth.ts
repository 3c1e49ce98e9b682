import { Lexer } from "yaml";
import type { Json } from "../json.js";
import type { SpecPath } from "../pipeline/spec.js";

/** Nesting that no pipeline comes near, and that the parser, which calls itself, takes on any machine. */
export const DEEPEST = 100;

/** The offset at which a YAML text is nested deeper than {@link DEEPEST} levels; null where it is not. */
export function tooDeepAt(text: string): number | null {
  /** The columns at which the open blocks begin; a value behind its key counts as one, too. */
  let columns: number[] = [];
  let flow = 0;
  let offset = 0;
  let line = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === SCALAR || token === FLOW_ERROR) continue;
    if (token === DOCUMENT) {
      columns = [];
      flow = 0;
      continue;
    }
    if (token === "[" || token === "{") flow++;
    else if (token === "]" || token === "}") flow = Math.max(0, flow - 1);
    else if (flow === 0 && token.trim() !== "" && !token.startsWith("#")) {
      const column = offset - line;
      while (columns.length > 0 && columns[columns.length - 1] > column) columns.pop();
      if (columns[columns.length - 1] !== column && token !== ":") columns.push(column);
    }
    if (columns.length + flow > DEEPEST) return offset;
    const end = token.lastIndexOf("\n");
    if (end >= 0) line = offset + end + 1;
    offset += token.length;
  }
  return null;
}

/** Tokens of the lexer that stand for no text. */
const DOCUMENT = "\u0002";
const FLOW_ERROR = "\u0018";
const SCALAR = "\u001f";

/** A place in a value that cannot be used. */
export interface Unfit {
  readonly why: "reserved" | "deep";
  readonly path: SpecPath;
}

/**
 * The first key `__proto__` of a value, which schemas would pass over without a word, or where it is nested too deep: aliases can
 * make it so, and one inside its own anchor has no end at all.
 */
export function unfitIn(value: Json, path: SpecPath = []): Unfit | null {
  if (typeof value !== "object" || value === null) return null;
  if (path.length > DEEPEST) return { why: "deep", path };
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    const found = key === "__proto__" ? ({ why: "reserved", path: here } as const) : unfitIn(item, here);
    if (found !== null) return found;
  }
  return null;
}

/** What is said of it, wherever it stands. */
export const UNFIT = {
  reserved: {
    code: "reserved-key",
    message: '"__proto__" cannot be a key',
    hint: "JavaScript keeps this name for itself: give it another one.",
  },
  deep: {
    code: "yaml-too-deep",
    message: `this is nested deeper than ${DEEPEST} levels`,
    hint: "Close the brackets that are open, write it flatter, or take an alias out of its own anchor.",
  },
} as const;
