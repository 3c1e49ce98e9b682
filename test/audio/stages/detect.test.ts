import { detect, evaluateDetector } from "@seqloom/audio";
import {
  Dataset,
  executeStage,
  integers,
  labels,
  type Metrics,
  type SeriesColumn,
  type StageContext,
  series,
  tags,
} from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";

/** Clips of 100 frames, ten in a second. */
const given = { hop_length: 100, smoothing: 0, minimum: 0, refractory: 1, tolerance: 0.5 };

interface Clip {
  /** Frame → probability; 0 elsewhere. */
  readonly peaks: Readonly<Record<number, number>>;
  readonly events?: readonly (readonly [number, number])[];
  readonly split?: string;
}

function dataOf(clips: readonly Clip[], frames = 100): Dataset {
  const probabilities = clips.map(({ peaks }) =>
    Array.from({ length: frames }, (_, t) => [1 - (peaks[t] ?? 0), peaks[t] ?? 0]),
  );
  return Dataset.of({
    sample_rate: integers(clips.map(() => 1000)),
    predicted_tags: tags(probabilities.map((row) => row.map(([none, event]) => (none > event ? "none" : "event")))),
    tag_probabilities: series(probabilities, 2),
    events: series(
      clips.map(({ events }) => (events ?? []).map((event) => [...event])),
      2,
    ),
    split: labels(
      clips.map(({ split }) => split ?? "test"),
      ["train", "validation", "test"],
    ),
  });
}

/** As the stages before would have it: both tags are known. */
function tagged(data: Dataset): Dataset {
  const column = data.columns.get("predicted_tags");
  if (column?.type !== "tags") throw new Error("no tags");
  const names = ["none", "event"];
  const indices = column.indices.map((index) => names.indexOf(column.dictionary[index]));
  return data.with({ predicted_tags: { ...column, dictionary: names, indices } });
}

async function run(clips: readonly Clip[], params: object, context: Partial<StageContext> = {}) {
  const data = tagged(dataOf(clips));
  const validation = data.ofSplit("validation");
  const parsed = detect.params.parse({ ...given, ...params });
  const outputs = await executeStage(detect, { data }, parsed, testContext({ validation, ...context }));
  return outputs as { data: Dataset; state: Metrics };
}

function detectionsOf(data: Dataset, row: number): [seconds: number, score: number][] {
  const { values, offsets } = data.columns.get("detections") as SeriesColumn;
  const all: [number, number][] = [];
  for (let i = offsets[row]; i < offsets[row + 1]; i++) all.push([values[2 * i], values[2 * i + 1]]);
  return all;
}

async function measured(clips: readonly Clip[], params: object = {}): Promise<Metrics> {
  const { data, state } = await run(clips, { threshold: 0.5, ...params });
  const outputs = await executeStage(evaluateDetector, { data, detector: state }, { split: "test" }, testContext());
  return outputs.metrics as Metrics;
}

const between = (from: number, to: number, value: number): Record<number, number> =>
  Object.fromEntries(Array.from({ length: to - from }, (_, i) => [from + i, value]));

describeStage(detect, {
  rows: [
    {
      sample_rate: 1000,
      predicted_tags: ["none", "event", "none"],
      tag_probabilities: [
        [1, 0],
        [0.1, 0.9],
        [0.7, 0.3],
      ],
    },
    {
      sample_rate: 1000,
      predicted_tags: ["event", "none"],
      tag_probabilities: [
        [0, 1],
        [0.9, 0.1],
      ],
    },
  ],
  with: { ...given, threshold: 0.5 },
  types: { predicted_tags: "tags" },
  skip: ["examples"],
});

describe("audio/detect", () => {
  it("fires when the score has been at the threshold long enough, and tells the height of the stretch", async () => {
    const clips = [{ peaks: { ...between(10, 12, 0.9), ...between(40, 50, 0.6), 45: 0.8 } }];
    const { data } = await run(clips, { threshold: 0.5, minimum: 0.3 });
    expect(detectionsOf(data, 0)).toEqual([[expect.closeTo(4.2, 5), expect.closeTo(0.8, 5)]]);
  });

  it("does not fire twice in a stretch, nor in the refractory time", async () => {
    const clips = [{ peaks: { ...between(10, 40, 0.9), 45: 0.9, 60: 0.9, 65: 0.9 } }];
    const times = async (refractory: number) =>
      detectionsOf((await run(clips, { threshold: 0.5, refractory })).data, 0).map(([time]) => Number(time.toFixed(3)));
    expect(await times(0)).toEqual([1, 4.5, 6, 6.5]);
    expect(await times(1)).toEqual([1, 4.5, 6]);
    expect(await times(4)).toEqual([1, 6]);
  });

  it("smooths over what came before, never over what comes after", async () => {
    const { data } = await run([{ peaks: between(20, 22, 1) }], { threshold: 0.5, smoothing: 0.4 });
    const scores = (data.columns.get("detection_scores") as SeriesColumn).values;
    expect([...scores.subarray(18, 28)]).toEqual([0, 0, 0.25, 0.5, 0.5, 0.5, 0.25, 0, 0, 0]);
    expect(detectionsOf(data, 0)).toEqual([[expect.closeTo(2.1, 5), 0.5]]);
  });

  it("chooses the threshold on validation: what finds most within the false alarms that are allowed", async () => {
    // Two events, one faint; between them noise. Ten seconds of validation: one false alarm is 360 an hour and more.
    const clips: Clip[] = [
      { peaks: {}, split: "train" },
      {
        peaks: { 20: 0.9, 50: 0.6, 80: 0.3 },
        events: [
          [1.8, 2],
          [7.8, 8],
        ],
        split: "validation",
      },
    ];
    const strict = (await run(clips, { false_alarms_per_hour: 1 })).state.values;
    expect(strict.threshold).toBeGreaterThan(0.6);
    expect(strict.threshold).toBeLessThanOrEqual(0.9);
    expect(strict).toMatchObject({ val_detection_rate: 0.5, val_false_alarms_per_hour: 0 });
    const lax = (await run(clips, { false_alarms_per_hour: 1000 })).state.values;
    expect(lax.threshold).toBeLessThanOrEqual(0.3);
    expect(lax.val_detection_rate).toBe(1);
    // Outside of both events and the half second behind them.
    expect(lax.val_hours * 3600).toBeCloseTo(10 - 2 * 0.7, 4);
    expect(lax.val_false_alarms_per_hour).toBeCloseTo(3600 / 8.6, 2);
  });

  it("says so when there is nothing to choose the threshold on", async () => {
    await expect(run([{ peaks: {} }], {})).rejects.toMatchObject({ diagnostics: [{ code: "threshold-missing" }] });
    const silent: Clip[] = [{ peaks: {}, split: "validation" }];
    await expect(run(silent, {})).rejects.toMatchObject({
      diagnostics: [{ message: "there are no events in the validation rows to choose the threshold on" }],
    });
    const noisy: Clip[] = [{ peaks: { 5: 1, 50: 1 }, events: [[4.9, 5]], split: "validation" }];
    await expect(run(noisy, { false_alarms_per_hour: 0 })).rejects.toMatchObject({
      diagnostics: [{ message: expect.stringMatching(/^every threshold has more than 0 false alarms/) }],
    });
  });

  it("names the tags that there are when its own is none of them", async () => {
    await expect(run([{ peaks: {} }], { threshold: 0.5, tag: "computer" })).rejects.toMatchObject({
      diagnostics: [{ code: "tag-unknown", hint: expect.stringContaining('"none", "event"') }],
    });
  });
});

describe("audio/evaluate-detector", () => {
  it("counts an event as found from its beginning to the tolerance behind its end, once; all else is a false alarm", async () => {
    const clips: Clip[] = [
      { peaks: { 21: 0.9, 24: 0.9, 50: 0.9 }, events: [[2, 2.4]] },
      {
        peaks: { 68: 0.9 },
        events: [
          [1, 2],
          [6, 6.5],
        ],
      },
      { peaks: { 3: 0.9 }, events: [[3, 4]], split: "train" },
    ];
    const { values } = await measured(clips, { refractory: 0 });
    expect(values).toMatchObject({ events: 3, detected: 2, false_alarms: 2, threshold: 0.5 });
    expect(values.detection_rate).toBeCloseTo(2 / 3, 9);
    const outside = 20 - 0.9 - 1.5 - 1;
    expect(values.hours * 3600).toBeCloseTo(outside, 4);
    expect(values.false_alarms_per_hour).toBeCloseTo((2 * 3600) / outside, 3);
  });

  it("draws what is missed over what is wrongly heard, from deaf to trigger-happy, and marks the threshold in use", async () => {
    const clips: Clip[] = [
      {
        peaks: { 20: 0.9, 50: 0.6, 80: 0.3 },
        events: [
          [1.8, 2],
          [7.8, 8],
        ],
      },
    ];
    const { charts } = await measured(clips);
    const { lines, marks } = charts!.detection_error_tradeoff;
    const an = 3600 / 8.6;
    const rounded = lines[0].points.map(([x, y]) => [Number((x / an).toFixed(3)), y]);
    expect(rounded).toEqual([
      [1, 0],
      [1, 0.5],
      [0, 0.5],
      [0, 1],
    ]);
    expect(marks).toEqual([{ name: "threshold 0.5", at: [expect.closeTo(an, 1), 0.5] }]);
  });

  it("refuses numbers of something else, and a split without rows", async () => {
    const { data } = await run([{ peaks: {} }], { threshold: 0.5 });
    const evaluate = (detector: Metrics, split: string) =>
      executeStage(evaluateDetector, { data, detector }, evaluateDetector.params.parse({ split }), testContext());
    await expect(evaluate({ values: { accuracy: 1 } }, "test")).rejects.toMatchObject({
      diagnostics: [{ code: "not-a-detector" }],
    });
    const { state } = await run([{ peaks: {} }], { threshold: 0.5 });
    await expect(evaluate(state, "validation")).rejects.toMatchObject({ diagnostics: [{ code: "no-rows" }] });
  });
});
