import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import type { SpecPath } from "../pipeline/spec.js";
import { tooDeepAt, UNFIT } from "./depth.js";

/** A YAML text with the place of everything in it. */
export class YamlSource {
  readonly file: string;
  readonly text: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  /** Where it is nested too deep to be parsed. */
  readonly #tooDeep: number | null;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#lines = new LineCounter();
    this.#tooDeep = tooDeepAt(text);
    this.#document = parseDocument(this.#tooDeep === null ? text : "", {
      lineCounter: this.#lines,
      prettyErrors: false,
      version: "1.2",
    });
  }

  /** What is wrong with the YAML itself. */
  syntaxDiagnostics(): Diagnostic[] {
    const marker = mergeMarker(this.text);
    if (marker !== null) return [{ ...marker, at: { ...marker.at, file: this.file } }];
    if (this.#tooDeep !== null)
      return [{ severity: "error", ...UNFIT.deep, at: placeIn(this.file, this.text, this.#tooDeep) }];
    const found = [...this.#document.errors, ...this.#document.warnings];
    // Where the parser stumbles twice at one place, the second complaint follows from the first.
    const places = new Map(found.toReversed().map((error) => [error.pos[0], error]));
    const first = found.filter((error) => places.get(error.pos[0]) === error).slice(0, MOST);
    const diagnostics = first.map((error): Diagnostic => {
      const { code, message, hint } = explain(error.code, error.message);
      const word = code === "duplicate-key" ? (/^[^\s:]+/.exec(this.text.slice(error.pos[0]))?.[0].length ?? 1) : 1;
      const at = this.#location(error.pos[0], Math.max(error.pos[1], error.pos[0] + word));
      return { code, severity: "error", message, at, ...(hint === undefined ? {} : { hint }) };
    });
    diagnostics.push(...this.#unresolvedAliases());
    if (diagnostics.length === 0 && this.#document.contents === null) {
      const hint = "A pipeline begins with `seqloom: 1` and has `stages:`.";
      diagnostics.push({
        code: "empty-file",
        severity: "error",
        message: "the file is empty",
        hint,
        at: { file: this.file, line: 1, column: 1 },
      });
    }
    return diagnostics;
  }

  #unresolvedAliases(): Diagnostic[] {
    const diagnostics: Diagnostic[] = [];
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined || !alias.range) return;
        const at = this.#location(alias.range[0], alias.range[1]);
        const hint = `Define it above this line: \`&${alias.source}\` before the value that \`*${alias.source}\` repeats.`;
        const message = `there is no anchor "${alias.source}"`;
        diagnostics.push({ code: "unknown-anchor", severity: "error", message, hint, at });
      },
    });
    return diagnostics;
  }

  /** The content as plain data. @throws when aliases expand to too much. */
  toJson(): Json {
    return this.#document.toJS({ maxAliasCount: 100 }) as Json;
  }

  /**
   * The place of a path: of the key, or of what follows it. Where the path is not there, the deepest part of it that is:
   * so "missing" points at the parent.
   */
  locate = (path: SpecPath, part: "key" | "value"): Location => {
    let node: Node | null = this.#document.contents;
    let at: Node | null = node;
    for (const [depth, step] of path.entries()) {
      const pair = this.#step(node, step);
      if (pair === null) break;
      const last = depth === path.length - 1;
      node = isNode(pair.value) ? pair.value : null;
      const key = isNode(pair.key) ? pair.key : null;
      // The deepest part found is named by its key; only the whole path can be asked for its value.
      at = last && part === "value" ? (valueOrKey(node, key) ?? at) : (key ?? node ?? at);
    }
    const range = at?.range;
    return range ? this.#location(range[0], range[1]) : { file: this.file, line: 1, column: 1 };
  };

  #step(node: Node | null, step: string | number): { key: unknown; value: unknown } | null {
    const resolved =
      node !== null && "resolve" in node
        ? ((node as { resolve(d: Document): Node }).resolve(this.#document) ?? node)
        : node;
    if (isMap(resolved))
      return resolved.items.find((pair: Pair) => isScalar(pair.key) && String(pair.key.value) === String(step)) ?? null;
    if (isSeq(resolved)) {
      const item = resolved.items[Number(step)];
      return item === undefined ? null : { key: item, value: isPair(item) ? item.value : item };
    }
    return null;
  }

  #location(start: number, end: number): Location {
    const { line, col } = this.#lines.linePos(start);
    const stop = this.text.indexOf("\n", start);
    const length = Math.min(end, stop < 0 ? this.text.length : stop) - start;
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), length: Math.max(length, 1) };
  }
}

/** More complaints of the parser say nothing new: most follow from the first. */
const MOST = 20;

/** The place of an offset in a text that was not parsed. */
function placeIn(file: string, text: string, offset: number): Location {
  const before = text.slice(0, offset);
  return { file, line: before.split("\n").length, column: offset - before.lastIndexOf("\n"), length: 1 };
}

function valueOrKey(value: Node | null, key: Node | null): Node | null {
  // An empty value has no extent of its own: show its key.
  const empty = value?.range === undefined || value.range === null || value.range[0] === value.range[1];
  return empty ? key : value;
}

function mergeMarker(text: string): (Diagnostic & { at: Omit<Location, "file"> }) | null {
  const lines = text.split("\n");
  const line = lines.findIndex((content) => /^(<{7}|={7}|>{7})( |\r?$)/.test(content));
  if (line < 0) return null;
  return {
    code: "merge-marker",
    severity: "error",
    message: "a merge left its markers in this file",
    hint: "Keep one of the two versions and remove the lines <<<<<<<, ======= and >>>>>>>.",
    at: { line: line + 1, column: 1, length: lines[line].trimEnd().length } as never,
  };
}

/** The parser's errors in words for the person who wrote the file. */
function explain(code: string, message: string): { code: string; message: string; hint?: string } {
  switch (code) {
    case "TAB_AS_INDENT":
      return {
        code: "tab",
        message: "a tab is used to indent",
        hint: "YAML indents with spaces only: replace the tab by spaces.",
      };
    case "DUPLICATE_KEY":
      return {
        code: "duplicate-key",
        message: "this key is there twice",
        hint: "Remove one of the two, or give it another name.",
      };
    case "BAD_INDENT":
      return { code: "yaml-indent", message: lower(message), hint: "Give all keys of one mapping the same indent." };
    case "BAD_ALIAS":
      return {
        code: "yaml-alias",
        message: lower(message),
        hint: "Define the anchor (&name) above the place that uses it (*name).",
      };
    case "MULTILINE_IMPLICIT_KEY":
    case "MISSING_CHAR":
      return {
        code: "yaml-syntax",
        message: lower(message),
        hint: "A quote or bracket may be open, or a `:` may lack the space after it.",
      };
    default:
      return { code: "yaml-syntax", message: lower(message) };
  }
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
