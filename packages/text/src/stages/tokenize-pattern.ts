import { Collector, dataset, defineMap, fail } from "@seqloom/core";
import type { RE2JS } from "re2js";
import { z } from "zod";
import { watcher } from "../rows.js";

const params = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .describe("Regular expression in the syntax of RE2: \\p{L} and the like, no look-around and no references back"),
  gaps: z
    .boolean()
    .default(false)
    .describe("Whether the pattern is what parts tokens, instead of the tokens themselves"),
  ignore_case: z.boolean().default(false).describe("Whether letters match in either case"),
});

/**
 * Splits text into what a regular expression matches, from left to right, or into what lies between its matches. The engine
 * is RE2's, whose time is linear in the text, so that no pattern can make it hang.
 */
export const tokenizePattern = defineMap({
  id: "text/tokenize-pattern",
  version: 1,
  description: "Splits text into what a regular expression matches, or what lies between its matches; in linear time.",
  input: dataset({ text: "utf8" }),
  output: dataset({ tokens: "tokens" }),
  params,
  check: ({ pattern }) => {
    const unknown = UNSUPPORTED.exec(pattern)?.[1];
    if (unknown === undefined) return [];
    const message = `the pattern has "${unknown}", which an engine of linear time cannot do`;
    return [{ path: ["pattern"], message, hint: LINEAR }];
  },
  examples: [
    {
      with: { pattern: "[A-Z]{2,}|\\p{L}+|[0-9.]*[0-9]" },
      in: [{ text: "The USA paid €12.50." }, { text: "" }],
      out: [{ tokens: ["The", "USA", "paid", "12.50"] }, { tokens: [] }],
    },
    {
      title: "what lies between",
      with: { pattern: "\\s*[;,]\\s*", gaps: true },
      in: [{ text: "salt, pepper ;olive oil," }],
      out: [{ tokens: ["salt", "pepper", "olive oil"] }],
    },
  ],
  apply: async (batch, { pattern, gaps, ignore_case }, context) => {
    const compiled = await compile(pattern, ignore_case);
    const texts = batch.column("text").values;
    const watch = watcher(context, texts.length);
    const collector = new Collector();
    const indices: number[] = [];
    const offsets = new Int32Array(texts.length + 1);
    for (const [row, text] of texts.entries()) {
      watch(row);
      for (const token of gaps ? between(compiled, text) : matches(compiled, text)) {
        indices.push(collector.index(token));
      }
      offsets[row + 1] = indices.length;
    }
    return batch.with({
      tokens: { type: "tokens", dictionary: collector.dictionary, indices: Int32Array.from(indices), offsets },
    });
  },
});

/** Look-around and references back, if their backslash is not escaped itself. */
const UNSUPPORTED = /^(?:[^\\]|\\[^1-9])*?(\(\?<?[=!]|\\[1-9])/;
const LINEAR = "Write it without looking ahead, behind or back: match what belongs to a token, and leave out the rest.";

async function compile(pattern: string, ignoreCase: boolean): Promise<RE2JS> {
  const { RE2JS } = await import("re2js");
  try {
    return RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw fail("pattern-syntax", `the pattern is no regular expression: ${(error as Error).message}`, {
      hint: "The syntax is RE2's: https://github.com/google/re2/wiki/Syntax.",
    });
  }
}

/** What matches and is not empty. */
function* matches(pattern: RE2JS, text: string): Generator<string> {
  const matcher = pattern.matcher(text);
  while (matcher.find()) {
    if (matcher.end() > matcher.start()) yield text.slice(matcher.start(), matcher.end());
  }
}

/** What is not empty before, between and after the matches. */
function* between(pattern: RE2JS, text: string): Generator<string> {
  const matcher = pattern.matcher(text);
  let end = 0;
  while (matcher.find()) {
    if (matcher.start() > end) yield text.slice(end, matcher.start());
    end = matcher.end();
  }
  if (end < text.length) yield text.slice(end);
}
