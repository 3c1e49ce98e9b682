import { augment, specAugment } from "@seqloom/audio";
import { type AnyStage, Dataset, executeStage, integers, labels, Random, rootSeed, series } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";

const tone = (length: number): number[] => Array.from({ length }, (_, i) => Math.sin(i / 3));
const clips = Dataset.of({
  signal: series(
    [800, 1000, 600].map((length, i) => tone(length).map((value) => [value * (i + 1)])),
    1,
  ),
  sample_rate: integers([1000, 1000, 1000]),
  label: labels(["a", "b", "a"]),
  split: labels(["train", "test", "train"], ["train", "validation", "test"]),
});

async function run(stage: AnyStage, data: Dataset, given: object, seed = 1): Promise<Dataset> {
  const context = testContext({ random: new Random(rootSeed(seed)) });
  return (await executeStage(stage, { data }, stage.params.parse(given), context)).data as Dataset;
}

function rowOf(data: Dataset, row: number, name = "signal"): Float32Array {
  const column = data.columns.get(name);
  if (column?.type !== "series") throw new Error(`no series ${name}`);
  return column.values.slice(column.offsets[row] * column.width, column.offsets[row + 1] * column.width);
}

const power = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0) / values.length;

describeStage(augment, {
  rows: [
    { signal: tone(50), sample_rate: 1000, split: "train" },
    { signal: [0, 0], sample_rate: 1000, split: "test" },
  ],
});
describeStage(specAugment, {
  rows: [{ series: Array.from({ length: 30 }, (_, t) => [t, 1, 2, 3]), split: "train" }],
  skip: ["examples"],
});

describe("audio/augment", () => {
  it("changes copies of the train rows, and leaves the rows themselves and those of other splits as they are", async () => {
    const made = await run(augment, clips, { copies: 2, snr_db: [0, 10] });
    expect(made.rows).toBe(7);
    for (const row of [0, 1, 2]) expect(rowOf(made, row)).toEqual(rowOf(clips, row));
    for (const [row, from] of [0, 2, 0, 2].entries()) expect(rowOf(made, 3 + row)).not.toEqual(rowOf(clips, from));
    const [label, split] = ["label", "split"].map((name) => made.column(name));
    if (label.type !== "label" || split.type !== "label") throw new Error("no labels");
    expect(Array.from(label.indices, (index) => label.dictionary[index]).join("")).toBe("abaaaaa");
    expect(Array.from(split.indices, (index) => split.dictionary[index]).slice(3)).toEqual(Array(4).fill("train"));
    expect(rowOf(made, 3)).not.toEqual(rowOf(made, 5));
  });

  it("puts the first copies in the place of the rows with keep: false, and changes rows of every split with of: all", async () => {
    const made = await run(augment, clips, { keep: false, of: "all", gain_db: [6.0206, 6.0206] });
    expect(made.rows).toBe(3);
    for (const row of [0, 1, 2]) {
      const original = rowOf(clips, row);
      for (const [i, value] of rowOf(made, row).entries()) expect(value).toBeCloseTo(2 * original[i], 4);
    }
  });

  it("gives the same copies again, whatever rows stand beside them, and others for another seed", async () => {
    const given = { snr_db: [0, 20], speed: [0.8, 1.2], shift: [-0.1, 0.1], gain_db: [-6, 6] };
    const all = await run(augment, clips, given);
    const alone = await run(augment, clips.slice(2, 3), given);
    expect(rowOf(alone, 1)).toEqual(rowOf(all, 4));
    expect(rowOf(await run(augment, clips, given, 2), 4)).not.toEqual(rowOf(all, 4));
  });

  it("adds as much noise as the ratio says", async () => {
    const made = await run(augment, clips, { snr_db: [12, 12] });
    const original = rowOf(clips, 0);
    const noise = rowOf(made, 3).map((value, i) => value - original[i]);
    expect(10 * Math.log10(power(original) / power(noise))).toBeCloseTo(12, 0);
  });

  it("plays faster and slower, every channel, and silence stays silent", async () => {
    const stereo = Dataset.of({
      signal: series([tone(900).map((value) => [value, -value]), [[0, 0]]], 2),
      sample_rate: integers([1000, 1000]),
    });
    const made = await run(augment, stereo, { speed: [1.5, 1.5], snr_db: [0, 0], keep: false });
    expect(rowOf(made, 0)).toHaveLength(1200);
    const faster = rowOf(await run(augment, stereo, { speed: [1.5, 1.5], keep: false }), 0);
    for (let i = 100; i < 500; i++) {
      expect(faster[2 * i]).toBeCloseTo(Math.sin((1.5 * i) / 3), 2);
      expect(faster[2 * i + 1]).toBe(-faster[2 * i]);
    }
    expect([...rowOf(made, 1)]).toEqual([0, 0]);
  });

  it("takes the events along", async () => {
    const rows = clips.slice(0, 1).with({
      events: series(
        [
          [
            [0.1, 0.2],
            [0.7, 0.75],
          ],
        ],
        2,
      ),
    });
    const made = await run(augment, rows, { speed: [2, 2], shift: [0.05, 0.05] });
    expect([...rowOf(made, 0, "events")].map((time) => time.toFixed(3))).toEqual(["0.100", "0.200", "0.700", "0.750"]);
    expect([...rowOf(made, 1, "events")].map((time) => time.toFixed(3))).toEqual(["0.100", "0.150"]);
  });

  it("says so when nothing is to be changed, and when a range is upside down", () => {
    const problems = (given: object) => augment.check?.(augment.params.parse(given)).map(({ message }) => message);
    expect(problems({})).toEqual(["nothing is to be changed"]);
    expect(problems({ snr_db: [20, 10] })).toEqual(["20 is more than 10"]);
    expect(problems({ speed: [0.9, 1.1] })).toEqual([]);
  });
});

describe("audio/spec-augment", () => {
  const frames = 40;
  const spectra = Dataset.of({
    series: series(
      [Array.from({ length: frames }, (_, t) => Array.from({ length: 10 }, (_, f) => 1 + t * 10 + f))],
      10,
    ),
  });
  /** Which values of copy 1 were blanked, `[frames, 10]`. */
  const blanked = async (given: object, seed = 1): Promise<boolean[][]> => {
    const values = rowOf(await run(specAugment, spectra, { fill: "zero", ...given }, seed), 1, "series");
    return Array.from({ length: frames }, (_, t) => Array.from({ length: 10 }, (_, f) => values[t * 10 + f] === 0));
  };

  it("blanks whole frames in stretches no longer than asked for", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const found = await blanked({ time_masks: 1, time_width: 5, frequency_masks: 0 }, seed);
      expect(found.every((row) => row.every((one) => one === row[0]))).toBe(true);
      expect(found.filter(([first]) => first).length).toBeLessThanOrEqual(5);
    }
    const share = await blanked({ time_masks: 1, time_width: 40, time_share: 0.05, frequency_masks: 0 });
    expect(share.filter(([first]) => first).length).toBeLessThanOrEqual(2);
  });

  it("blanks whole bands, other ones with another seed, the same ones with the same", async () => {
    const given = { time_masks: 0, frequency_masks: 1, frequency_width: 4 };
    const seen = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const found = await blanked(given, seed);
      expect(await blanked(given, seed)).toEqual(found);
      expect(found.every((row) => row.join() === found[0].join())).toBe(true);
      expect(found[0].filter(Boolean).length).toBeLessThanOrEqual(4);
      seen.add(found[0].join());
    }
    expect(seen.size).toBeGreaterThan(2);
  });

  it("fills with the mean of the clip by default, and leaves the row itself as it is", async () => {
    const made = await run(specAugment, spectra, { time_masks: 0, frequency_masks: 20, frequency_width: 10 });
    expect(rowOf(made, 0, "series")).toEqual(rowOf(spectra, 0, "series"));
    const changed = new Set([...rowOf(made, 1, "series")].filter((value, i) => value !== i + 1));
    expect([...changed]).toEqual([200.5]);
  });

  it("says so when nothing is to be blanked", () => {
    const given = specAugment.params.parse({ time_masks: 0, frequency_masks: 0 });
    expect(specAugment.check?.(given)).toMatchObject([{ message: "nothing is to be blanked" }]);
  });
});
