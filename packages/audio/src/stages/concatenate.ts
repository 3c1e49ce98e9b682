import { type Column, Dataset, dataset, defineStage, fail, integers, labels, type Random, utf8 } from "@seqloom/core";
import { z } from "zod";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

const SPLITS = ["train", "validation", "test"] as const;

/** Strings clips together at random to longer ones, such as digits to numbers, and their labels to texts. */
export const concatenate = defineStage({
  id: "audio/concatenate",
  version: 1,
  description: "Strings clips together at random to longer ones, such as digits to numbers, and their labels to texts.",
  seeded: true,
  params: z.strictObject({
    rows: z
      .partialRecord(z.enum(SPLITS), z.int().min(0))
      .describe("How many rows to make of each split: { train: 2000, test: 300 }; each split is made of its own clips"),
    count: z
      .tuple([z.int().min(1), z.int().min(1)])
      .default([1, 5])
      .describe("Fewest and most clips of a row"),
    gap: z
      .tuple([z.number().min(0), z.number().min(0)])
      .default([0, 0.2])
      .describe("Shortest and longest silence between two clips, seconds"),
    grouped: z.boolean().default(true).describe("Whether the clips of a row are of one group, where there are groups"),
    words: z.record(z.string(), z.string()).default({}).describe('What to write for a label: { "1": one }'),
  }),
  inputs: { data: dataset({ ...SOUND, label: "label" }, { optional: { split: "label", group: "label" } }) },
  outputs: { data: dataset({ text: "utf8", ...SOUND, split: "label" }) },
  inference: "skip",
  check: ({ count, gap, rows }) => [
    ...(count[0] > count[1] ? [{ path: ["count"], message: "fewest is more than most", hint: "Write [1, 5]." }] : []),
    ...(gap[0] > gap[1]
      ? [{ path: ["gap"], message: "shortest is longer than longest", hint: "Write [0, 0.2]." }]
      : []),
    ...(Object.keys(rows).length === 0
      ? [{ path: ["rows"], message: "no rows are asked for", hint: "Write { train: 2000, test: 300 }." }]
      : []),
  ],
  examples: [
    {
      title: "spoken numbers of one to three digits",
      with: { rows: { train: 1000, test: 100 }, count: [1, 3], words: { "0": "zero", "1": "one" } },
    },
  ],
  run: ({ data }, { rows, count, gap, grouped, words }, context) => {
    const signal = monoOf(data);
    const rate = rateOf(data) ?? 1;
    const plans: { readonly clips: readonly number[]; readonly gaps: readonly number[]; readonly split: string }[] = [];
    for (const split of SPLITS) {
      const pools = poolsOf(data, split, grouped);
      const wanted = rows[split] ?? 0;
      if (wanted > 0 && pools.length === 0) {
        throw fail("no-clips", `there are no clips of ${split} to make rows of`, {
          hint: `Leave ${split} out of rows, or put a data/split before this stage that fills it.`,
        });
      }
      const random = context.random.fork(split);
      for (let row = 0; row < wanted; row++) {
        const pool = pools[random.integer(pools.length)];
        const clips = Array.from({ length: between(random, count) }, () => pool[random.integer(pool.length)]);
        const gaps = clips.map((_, i) =>
          i === 0 ? 0 : Math.round(rate * (gap[0] + random.uniform() * (gap[1] - gap[0]))),
        );
        plans.push({ clips, gaps, split });
      }
    }
    const { dictionary, indices } = data.column("label");
    const wordOf = (clip: number): string => {
      const label = indices[clip] < 0 ? "" : dictionary[indices[clip]];
      return Object.hasOwn(words, label) ? words[label] : label;
    };
    const joined = (row: number): Float32Array => {
      const { clips, gaps } = plans[row];
      const parts = clips.map((clip) => signalOf(signal, clip));
      const out = new Float32Array(parts.reduce((sum, part, i) => sum + part.length + gaps[i], 0));
      let at = 0;
      for (const [i, part] of parts.entries()) {
        out.set(part, at + gaps[i]);
        at += part.length + gaps[i];
      }
      return out;
    };
    const columns: [string, Column][] = [
      ["text", utf8(plans.map(({ clips }) => clips.map(wordOf).join(" ")))],
      ["signal", seriesOf(plans.length, 1, joined, context)],
      ["sample_rate", integers(new Int32Array(plans.length).fill(rate))],
      [
        "split",
        labels(
          plans.map(({ split }) => split),
          SPLITS,
        ),
      ],
    ];
    return {
      data: Dataset.of<{ text: "utf8"; signal: "series"; sample_rate: "integer"; split: "label" }>(
        columns,
        plans.length,
      ),
    };
  },
});

/** The clips of a split that may stand in one row: those of each group, or all. */
function poolsOf(data: Dataset, split: (typeof SPLITS)[number], grouped: boolean): number[][] {
  const group = grouped ? data.columns.get("group") : undefined;
  const pools = new Map<number, number[]>();
  for (const row of data.rowsOfSplit(split)) {
    const key = group?.type === "label" ? group.indices[row] : 0;
    const pool = pools.get(key);
    if (pool === undefined) pools.set(key, [row]);
    else pool.push(row);
  }
  return [...pools].sort(([a], [b]) => a - b).map(([, pool]) => pool);
}

function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + random.integer(high - low + 1);
}
