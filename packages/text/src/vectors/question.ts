import { fail } from "@seqloom/core";
import type { Question } from "./search.js";
import type { WordSpace } from "./words.js";

const OPERATOR = /\s+([+\-−])\s+/u;

/**
 * What is asked by "king - man + woman": words, with signs between spaces; a word may have hyphens of its own.
 * @throws DiagnosticError `vector-question` where it is no such sum, `unknown-word` where a word has no vector.
 */
export function questionOf(text: string, space: WordSpace): Question {
  const parts = ` ${text.trim()}`.replace(/^ (?=[+\-−]\s)/u, "  ").split(OPERATOR);
  const places: { readonly for: number[]; readonly against: number[] } = { for: [], against: [] };
  for (let at = 0; at < parts.length; at += 2) {
    const word = parts[at].trim();
    // A sign before the first word has nothing before it.
    if (word === "" && at === 0 && parts.length > 1) continue;
    if (word === "" || /\s/u.test(word)) {
      throw fail("vector-question", `"${text}" is no sum of words${word === "" ? "" : `: "${word}" is several`}`, {
        hint: 'Write words with + and - between them, and spaces around these: "king - man + woman".',
      });
    }
    (at === 0 || parts[at - 1] === "+" ? places.for : places.against).push(space.place(word));
  }
  return places;
}
