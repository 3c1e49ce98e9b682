import { type Column, Dataset, dataset, defineStage, fail, integers, labels, type Random } from "@seqloom/core";
import { z } from "zod";
import { between, range, rangeProblems } from "../copies.js";
import { loudPart } from "../dsp/trim.js";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

const SPLITS = ["train", "validation", "test"] as const;

/** Samples of noise to take stretches of. */
const NOISE = 2 ** 20;

/** Puts clips at random places on background noise, and tells where those are that shall be detected. */
export const scenes = defineStage({
  id: "audio/scenes",
  version: 2,
  description: "Puts clips at random places on background noise, and tells where those are that shall be detected.",
  seeded: true,
  params: z.strictObject({
    rows: z
      .partialRecord(z.enum(SPLITS), z.int().min(0))
      .describe(
        "How many scenes to make of each split: { train: 2000, test: 300 }; each split is made of its own clips",
      ),
    event: z
      .string()
      .min(1)
      .describe("The label of the clips that shall be detected; all others are to be passed over"),
    seconds: z.number().positive().default(10).describe("Length of a scene"),
    events: range.default([0, 2]).describe("Fewest and most clips of the event in a scene"),
    others: range.default([0, 3]).describe("Fewest and most other clips in a scene"),
    event_db: z
      .number()
      .positive()
      .optional()
      .describe(
        "Of a clip of the event, decibels below its loudest tenth of a second from which on it is no event any more but the room; by default the whole clip is",
      ),
    noise_db: range.default([-60, -40]).describe("Level of the white noise behind all, decibels below full scale"),
    gain_db: range.default([-6, 3]).describe("Change of loudness of each clip, decibels"),
  }),
  inputs: { data: dataset({ ...SOUND, label: "label" }, { optional: { split: "label" } }) },
  outputs: { data: dataset({ ...SOUND, events: "series", split: "label" }) },
  inference: "skip",
  check: ({ rows, ...params }) => [
    ...rangeProblems({
      events: params.events,
      others: params.others,
      noise_db: params.noise_db,
      gain_db: params.gain_db,
    }),
    ...(Object.keys(rows).length === 0
      ? [{ path: ["rows"], message: "no scenes are asked for", hint: "Write { train: 2000, test: 300 }." }]
      : []),
  ],
  examples: [{ title: "a wake word among others", with: { rows: { train: 500, test: 100 }, event: "computer" } }],
  run: ({ data }, params, context) => {
    const signal = monoOf(data);
    const rate = rateOf(data) ?? 1;
    const length = Math.round(params.seconds * rate);
    const made: Scene[] = [];
    for (const split of SPLITS) {
      const wanted = params.rows[split] ?? 0;
      if (wanted === 0) continue;
      const pools = poolsOf(data, split, params.event);
      for (let row = 0; row < wanted; row++) {
        const random = context.random.fork(split).fork(row);
        made.push({ split, ...placed(random, pools, params, (clip) => signalOf(signal, clip).length, length) });
      }
    }
    // Scenes take stretches of one noise, each from a place of its own: hours of normal numbers would take minutes.
    const random = context.random.fork("noise");
    const noise = Float32Array.from({ length: Math.max(NOISE, 2 * length) }, () => random.normal());
    const sound = (row: number): Float32Array => {
      const { clips, level, from } = made[row];
      const start = Math.floor(from * (noise.length - length));
      const out = noise.slice(start, start + length).map((value) => level * value);
      for (const { clip, at, gain } of clips) {
        const samples = signalOf(signal, clip);
        for (let i = 0; i < samples.length; i++) out[at + i] += gain * samples[i];
      }
      return out;
    };
    const eventOf = (clip: number): readonly [number, number] => {
      const samples = signalOf(signal, clip);
      if (params.event_db === undefined) return [0, samples.length];
      const frame = Math.max(4, Math.round(rate / 10));
      return loudPart(samples, frame, Math.floor(frame / 4), params.event_db);
    };
    const times = (row: number): Float32Array =>
      Float32Array.from(
        made[row].clips
          .filter(({ event }) => event)
          .flatMap(({ clip, at }) => eventOf(clip).map((sample) => (at + sample) / rate)),
      );
    const columns: [string, Column][] = [
      ["signal", seriesOf(made.length, 1, sound, context)],
      ["sample_rate", integers(new Int32Array(made.length).fill(rate))],
      ["events", seriesOf(made.length, 2, times, context)],
      [
        "split",
        labels(
          made.map(({ split }) => split),
          SPLITS,
        ),
      ],
    ];
    return {
      data: Dataset.of<{ signal: "series"; sample_rate: "integer"; events: "series"; split: "label" }>(
        columns,
        made.length,
      ),
    };
  },
});

interface Placed {
  readonly clip: number;
  readonly at: number;
  readonly gain: number;
  readonly event: boolean;
}

interface Scene {
  readonly split: string;
  readonly clips: readonly Placed[];
  /** Root mean square of the noise. */
  readonly level: number;
  /** Where in the noise it begins, from 0 to 1. */
  readonly from: number;
}

interface Pools {
  readonly events: readonly number[];
  readonly others: readonly number[];
}

function poolsOf(
  data: Dataset<typeof SOUND & { label: "label" }>,
  split: (typeof SPLITS)[number],
  event: string,
): Pools {
  const { dictionary, indices } = data.column("label");
  const wanted = dictionary.indexOf(event);
  const rows = [...data.rowsOfSplit(split)];
  const events = rows.filter((row) => wanted >= 0 && indices[row] === wanted);
  if (events.length === 0) {
    throw fail("no-clips", `there are no clips "${event}" of ${split}`, {
      hint: `The labels are ${dictionary.join(", ") || "none"}. Put a data/split before this stage that fills ${split}.`,
    });
  }
  return { events, others: rows.filter((row) => indices[row] !== wanted) };
}

/** Places for clips, one behind the other in random order, the time that is left shared out at random between them. */
function placed(
  random: Random,
  pools: Pools,
  params: {
    readonly events: readonly number[];
    readonly others: readonly number[];
    readonly noise_db: readonly number[];
    readonly gain_db: readonly number[];
  },
  lengthOf: (clip: number) => number,
  length: number,
): Omit<Scene, "split"> {
  const drawn = (pool: readonly number[], [low, high]: readonly number[], event: boolean) =>
    Array.from({ length: pool.length === 0 ? 0 : low + random.integer(high - low + 1) }, () => ({
      clip: pool[random.integer(pool.length)],
      event,
    }));
  const chosen = [...drawn(pools.events, params.events, true), ...drawn(pools.others, params.others, false)];
  for (let i = chosen.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [chosen[i], chosen[j]] = [chosen[j], chosen[i]];
  }
  // What does not fit any more is left out.
  const fitting: typeof chosen = [];
  let free = length;
  for (const one of chosen) {
    if (lengthOf(one.clip) > free) continue;
    fitting.push(one);
    free -= lengthOf(one.clip);
  }
  const cuts = fitting.map(() => random.uniform()).sort((a, b) => a - b);
  let used = 0;
  const clips = fitting.map(({ clip, event }, i): Placed => {
    const at = Math.floor(cuts[i] * free) + used;
    used += lengthOf(clip);
    return { clip, event, at, gain: 10 ** (between(random, params.gain_db) / 20) };
  });
  return { clips, level: 10 ** (between(random, params.noise_db) / 20), from: random.uniform() };
}
