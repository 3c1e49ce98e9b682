import { dataset, defineStage, fail, type MetricsTable, value } from "@seqloom/core";
import { z } from "zod";

/** How many tokens of a tag there are, and how many have the lemma of the reference. */
interface Count {
  tokens: number;
  right: number;
}

/** Compares lemmas with those that a treebank gives: the share that is right, over all and by part of speech. */
export const evaluateLemmas = defineStage({
  id: "text/evaluate-lemmas",
  version: 1,
  description: "Measures lemmas against those of a treebank: the share that is right, over all and by part of speech.",
  usesUnicodeTables: true,
  inputs: {
    data: dataset({ tokens: "tokens", tags: "tags" }),
    reference: dataset({ tokens: "tokens", tags: "tags" }),
  },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    tags: z
      .array(z.string().min(1))
      .min(1)
      .default(["NOUN", "VERB", "ADJ", "ADV"])
      .describe("Parts of speech that count for the accuracy over all; every other has a row of the table"),
    case: z.enum(["ignore", "compare"]).default("ignore").describe("Whether case makes a difference"),
    mistakes: z.int().min(0).max(1000).default(20).describe("Most frequent mistakes to show"),
  }),
  run({ data, reference }, params) {
    const [given, tags] = [data.column("tokens"), data.column("tags")];
    const [words, lemmas] = [reference.column("tokens"), reference.column("tags")];
    const form = (text: string): string => (params.case === "ignore" ? text.toLowerCase() : text);
    if (given.offsets.some((end, row) => end !== lemmas.offsets[row] || end !== tags.offsets[row])) {
      throw fail("tags-length", "the lemmas, the tags and the reference are not of the same tokens", {
        hint: "Load both from the same files, and take no tokens out in between.",
      });
    }
    const counts = new Map<string, Count>();
    const wrong = new Map<string, number>();
    for (const [at, index] of given.indices.entries()) {
      if (tags.indices[at] < 0 || lemmas.indices[at] < 0) continue;
      const tag = tags.dictionary[tags.indices[at]];
      const count = counts.get(tag) ?? { tokens: 0, right: 0 };
      counts.set(tag, count);
      const [found, wanted] = [given.dictionary[index], lemmas.dictionary[lemmas.indices[at]]].map(form);
      count.tokens++;
      if (found === wanted) count.right++;
      else if (params.tags.includes(tag)) {
        const mistake = [form(words.dictionary[words.indices[at]]), tag, found, wanted].join("\t");
        wrong.set(mistake, (wrong.get(mistake) ?? 0) + 1);
      }
    }
    const listed = [...counts].filter(([tag]) => params.tags.includes(tag));
    const total = listed.reduce((sum, [, { tokens }]) => sum + tokens, 0);
    if (total === 0) throw fail("tags-missing", `no token is tagged ${params.tags.join(", ")}`, { hint: NO_TAGS });
    const right = listed.reduce((sum, [, count]) => sum + count.right, 0);
    return {
      metrics: {
        values: {
          accuracy: right / total,
          tokens: total,
          ...Object.fromEntries(listed.map(([tag, count]) => [`accuracy_${tag}`, count.right / count.tokens])),
        },
        tables: { per_part: perPart(counts), mistakes: mostOf(wrong, params.mistakes) },
      },
    };
  },
});

function perPart(counts: ReadonlyMap<string, Count>): MetricsTable {
  const rows = [...counts].sort(([a, { tokens }], [b, other]) => other.tokens - tokens || (a < b ? -1 : 1));
  return {
    columns: ["part", "tokens", "right", "accuracy"],
    rows: rows.map(([tag, { tokens, right }]) => [tag, tokens, right, right / tokens]),
  };
}

function mostOf(wrong: ReadonlyMap<string, number>, most: number): MetricsTable {
  const rows = [...wrong].sort(([a, times], [b, other]) => other - times || (a < b ? -1 : 1)).slice(0, most);
  return {
    columns: ["word", "part", "lemma", "in the reference", "times"],
    rows: rows.map(([mistake, times]) => [...mistake.split("\t"), times]),
  };
}

const NO_TAGS = "Name the tags that the treebank uses with tags.";
