import { readFile } from "node:fs/promises";
import { defineStage, fail, type Metrics, value } from "@seqloom/core";
import { z } from "zod";
import { type AnalogySection, answerAnalogies, type RatedPair, ratePairs } from "../vectors/evaluation.js";
import { WordSpace, type WordVectorRows, wordVectors } from "../vectors/words.js";

const file = z.union([
  z.string().min(1),
  z.strictObject({ url: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
]);

/** Holds word vectors against what people say: similarity of pairs, and analogies. */
export const evaluateVectors = defineStage({
  id: "text/evaluate-vectors",
  version: 1,
  description: "Holds word vectors against what people say: similarity of pairs (WordSim), and analogies.",
  inputs: { vectors: wordVectors },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    pairs: file
      .optional()
      .describe("Two words and a number on each line, tabs between; lines that begin with # are none"),
    analogies: file
      .optional()
      .describe('Four words on each line, "Athens Greece Oslo Norway"; ": name" begins a section'),
    scoring: z.enum(["add", "multiply"]).default("add").describe("As that of text/ask-vectors, for analogies"),
  }),
  files: ({ pairs, analogies }) => ({
    ...(pairs !== undefined && { pairs: [typeof pairs === "string" ? { path: pairs } : pairs] }),
    ...(analogies !== undefined && { analogies: [typeof analogies === "string" ? { path: analogies } : analogies] }),
  }),
  check: ({ pairs, analogies }) =>
    pairs === undefined && analogies === undefined
      ? [
          {
            path: ["pairs"],
            message: "there is nothing to hold the vectors against",
            hint: "Name pairs, or analogies.",
          },
        ]
      : [],
  async run({ vectors }, { scoring }, context) {
    const space = new WordSpace(vectors as WordVectorRows);
    const values: Record<string, number> = {};
    const tables: Record<string, NonNullable<Metrics["tables"]>[string]> = {};
    const [pairs] = context.files.pairs ?? [];
    if (pairs !== undefined) {
      const rated = pairsIn(await readFile(pairs.path, "utf8"), pairs.name);
      const { correlation, covered } = ratePairs(space, rated);
      Object.assign(values, { ...(Number.isFinite(correlation) && { wordsim: correlation }), pairs: covered });
      if (covered < rated.length)
        context.log(`${rated.length - covered} of ${rated.length} pairs have a word without a vector`);
    }
    const [analogies] = context.files.analogies ?? [];
    if (analogies !== undefined) {
      const sections = analogiesIn(await readFile(analogies.path, "utf8"), analogies.name).map((section) =>
        answerAnalogies(space, section, scoring, () => context.signal.throwIfAborted()),
      );
      const covered = sections.reduce((sum, section) => sum + section.covered, 0);
      const right = sections.reduce((sum, section) => sum + section.right, 0);
      Object.assign(values, { ...(covered > 0 && { analogy_accuracy: right / covered }), analogies: covered });
      tables.analogies = {
        columns: ["section", "asked", "with vectors", "right", "accuracy"],
        rows: sections.map(({ name, asked, covered: own, right: good }) => [
          name,
          asked,
          own,
          good,
          own === 0 ? null : good / own,
        ]),
      };
    }
    return { metrics: { values, ...(Object.keys(tables).length > 0 && { tables }) } };
  },
});

function pairsIn(text: string, name: string): RatedPair[] {
  return text.split(/\r?\n/).flatMap((line, at): RatedPair[] => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [one, other, number, ...rest] = line.trim().split(/[\t,]/);
    const rating = Number(number);
    if (number === undefined || number.trim() === "" || rest.length > 0 || !Number.isFinite(rating)) {
      throw fail("rated-pair", `"${line.slice(0, 80)}" is no pair of words with a number`, {
        hint: "Write word, tab, word, tab, number. A line of explanation begins with #.",
        at: { file: name, line: at + 1, column: 1 },
      });
    }
    return [{ words: [one.trim(), other.trim()], rating }];
  });
}

function analogiesIn(text: string, name: string): AnalogySection[] {
  const sections: { name: string; questions: [string, string, string, string][] }[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === "") continue;
    if (words[0] === ":") {
      sections.push({ name: words.slice(1).join(" "), questions: [] });
      continue;
    }
    if (words.length !== 4) {
      throw fail("analogy", `"${line.slice(0, 80)}" is no analogy: it has ${words.length} words`, {
        hint: "Write four words: the first is to the second as the third is to the fourth.",
        at: { file: name, line: at + 1, column: 1 },
      });
    }
    if (sections.length === 0) sections.push({ name: "all", questions: [] });
    sections.at(-1)?.questions.push(words as [string, string, string, string]);
  }
  return sections;
}
