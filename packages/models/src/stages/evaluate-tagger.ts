import { type Dataset, dataset, defineStage, fail, type MetricsTable, type TagsColumn, value } from "@seqloom/core";
import { z } from "zod";
import { classificationScores, confusionMatrix } from "../metrics/index.js";
import { areEntityTags, countSpans, type SpanCounts, spansOf } from "../metrics/spans.js";
import { rowsOfSplit, splitSchema } from "../rows-of-split.js";

/** Compares predicted tags with the right ones. */
export const evaluateTagger = defineStage({
  id: "models/evaluate-tagger",
  version: 1,
  description:
    "Measures predicted tags: accuracy of tokens and of whole rows, precision, recall and F1 of tags and of entities",
  inputs: {
    data: dataset({ tags: "tags", predicted_tags: "tags" }, { optional: { split: "label", tokens: "tokens" } }),
  },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    split: splitSchema,
    entities: z
      .enum(["auto", "iob2", "none"])
      .default("auto")
      .describe("Whether tags name entities, B-type, I-type and O; auto: where all of them look so"),
    examples: z.int().min(0).max(1000).default(10).describe("Rows with mistakes to show"),
  }),
  run({ data }, { split, entities, examples }) {
    const rows = rowsOfSplit(data as unknown as Dataset, split);
    const actual = rows.column("tags") as TagsColumn;
    const given = rows.column("predicted_tags") as TagsColumn;
    expectSameLengths(actual, given);
    const classes = [...new Set([...given.dictionary, ...usedOf(actual)])];
    const [wanted, said] = [actual, given].map((column) => placesOf(column, classes));
    const counted = Uint8Array.from(wanted, (place) => Number(place >= 0));
    const tokens = counted.reduce((sum, one) => sum + one, 0);
    if (tokens === 0) throw fail("tags-missing", "none of the rows that are evaluated has a tag");
    const right = wanted.filter((place, i) => place >= 0 && place === said[i]).length;
    const counts = confusionMatrix(wanted, said, classes.length);
    const scores = classificationScores(counts);
    const whole = wholeRows(wanted, said, actual.offsets);
    const isEntities = entities === "iob2" || (entities === "auto" && areEntityTags(classes));
    const spans = isEntities ? entityScores(actual, given) : null;
    return {
      metrics: {
        values: {
          accuracy: right / tokens,
          row_accuracy: whole / rows.rows,
          f1_macro: scores.macro.f1,
          ...spans?.values,
          tokens,
          rows: rows.rows,
        },
        tables: {
          per_tag: {
            columns: ["tag", "precision", "recall", "f1", "support"],
            rows: scores.perClass.map(({ precision, recall, f1, support }, i) => [
              classes[i],
              precision,
              recall,
              f1,
              support,
            ]),
          },
          ...(spans !== null && { per_entity: spans.table }),
          mistakes: mistakesOf(rows, actual, given, examples),
        },
        confusion: { classes, counts },
      },
    };
  },
});

function expectSameLengths({ offsets }: TagsColumn, given: TagsColumn): void {
  const row = offsets.findIndex((end, i) => end !== given.offsets[i]) - 1;
  if (row < 0) return;
  const [wanted, said] = [offsets, given.offsets].map((all) => all[row + 1] - all[row]);
  throw fail("tags-length", `row ${row + 1} has ${wanted} tags and ${said} predicted ones`, {
    hint: "Both must be of the same tokens, after the same padding.",
  });
}

/** The classes that occur, in the order of the dictionary. */
function usedOf({ dictionary, indices }: TagsColumn): string[] {
  const used = new Set(indices);
  return dictionary.filter((_, index) => used.has(index));
}

function placesOf({ dictionary, indices }: TagsColumn, classes: readonly string[]): Int32Array {
  const target = Int32Array.from(dictionary, (name) => classes.indexOf(name));
  return indices.map((index) => (index < 0 ? -1 : target[index]));
}

/** Rows without a mistake. */
function wholeRows(wanted: Int32Array, said: Int32Array, offsets: Int32Array): number {
  let whole = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const own = wanted.subarray(offsets[row], offsets[row + 1]);
    if (own.every((place, i) => place < 0 || place === said[offsets[row] + i])) whole++;
  }
  return whole;
}

/** The tags of a row; those of steps that are not tagged say nothing. */
function tagsOfRow({ dictionary, indices, offsets }: TagsColumn, row: number): (string | null)[] {
  return Array.from(indices.subarray(offsets[row], offsets[row + 1]), (index) => dictionary[index] ?? null);
}

function entityScores(actual: TagsColumn, given: TagsColumn) {
  const counts = new Map<string, SpanCounts>();
  for (let row = 0; row + 1 < actual.offsets.length; row++) {
    const wanted = tagsOfRow(actual, row);
    const said = tagsOfRow(given, row).map((tag, i) => (wanted[i] === null ? null : tag));
    countSpans(counts, spansOf(wanted), spansOf(said));
  }
  const all = [...counts.values()].reduce(
    (sum, one) => ({ wanted: sum.wanted + one.wanted, given: sum.given + one.given, right: sum.right + one.right }),
    { wanted: 0, given: 0, right: 0 },
  );
  const [precision, recall, f1] = scoresOf(all);
  const names = [...counts.keys()].sort();
  const table: MetricsTable = {
    columns: ["entity", "precision", "recall", "f1", "support"],
    rows: names.map((name) => [name, ...scoresOf(counts.get(name)!), counts.get(name)!.wanted]),
  };
  const values = { entity_precision: precision, entity_recall: recall, entity_f1: f1, entities: all.wanted };
  return { values, table };
}

function scoresOf({ wanted, given, right }: SpanCounts): [precision: number, recall: number, f1: number] {
  const share = (of: number): number => (of === 0 ? 0 : right / of);
  return [share(given), share(wanted), wanted + given === 0 ? 0 : (2 * right) / (wanted + given)];
}

/** Rows with most mistakes: `token right → said`. */
function mistakesOf(rows: Dataset, actual: TagsColumn, given: TagsColumn, count: number): MetricsTable {
  const tokens = rows.has("tokens", "tokens") ? rows.columns.get("tokens") : undefined;
  const found = Array.from({ length: rows.rows }, (_, row) => {
    const [wanted, said] = [tagsOfRow(actual, row), tagsOfRow(given, row)];
    const words =
      tokens?.type === "tokens" && tokens.offsets[row + 1] - tokens.offsets[row] === wanted.length ? tokens : null;
    const wrong = wanted.flatMap((tag, i) => {
      if (tag === null || tag === said[i]) return [];
      const word = words === null ? `${i + 1}:` : words.dictionary[words.indices[words.offsets[row] + i]];
      return [`${word} ${tag} → ${said[i] ?? "none"}`];
    });
    return { row, wrong };
  });
  const worst = found
    .filter(({ wrong }) => wrong.length > 0)
    .sort((a, b) => b.wrong.length - a.wrong.length || a.row - b.row);
  return {
    columns: ["row", "mistakes", "tokens"],
    rows: worst.slice(0, count).map(({ row, wrong }) => [row + 1, wrong.length, wrong.slice(0, 12).join("; ")]),
  };
}
