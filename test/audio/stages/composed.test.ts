import { concatenate, frameTags, scenes } from "@seqloom/audio";
import { type AnyStage, Dataset, executeStage, integers, labels, series } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";

const rate = 100;
/** Clip i is as many samples of value i + 1 as its place says. */
const clips = Dataset.of({
  signal: series(
    [10, 20, 30, 15].map((length, i) => Array.from({ length }, () => [i + 1])),
    1,
  ),
  sample_rate: integers([rate, rate, rate, rate]),
  label: labels(["1", "2", "1", "2"]),
  group: labels(["ann", "ann", "bob", "bob"]),
  split: labels(["train", "train", "train", "test"], ["train", "validation", "test"]),
});

async function run(stage: AnyStage, data: Dataset, given: object): Promise<Dataset> {
  return (await executeStage(stage, { data }, stage.params.parse(given), testContext())).data as Dataset;
}

function samplesOf(data: Dataset, row: number): number[] {
  const column = data.columns.get("signal");
  if (column?.type !== "series") throw new Error("no signal");
  return [...column.values.subarray(column.offsets[row], column.offsets[row + 1])];
}

const textsOf = (data: Dataset): readonly string[] => {
  const column = data.columns.get("text");
  return column?.type === "utf8" ? column.values : [];
};

describe("audio/concatenate", () => {
  const given = { rows: { train: 50, test: 5 }, count: [1, 3], gap: [0.02, 0.02], words: { "1": "one", "2": "two" } };

  it("strings clips of one group and split together, with silence between them, and says what is heard", async () => {
    const made = await run(concatenate, clips, given);
    expect(made.rows).toBe(55);
    for (let row = 0; row < made.rows; row++) {
      const heard = samplesOf(made, row).join("").split("00");
      const words = heard.map((part) => ({ 1: "one", 2: "two", 3: "one", 4: "two" })[Number(part[0])]);
      expect(textsOf(made)[row]).toBe(words.join(" "));
      const voices = new Set(heard.map((part) => (Number(part[0]) <= 2 ? "ann" : "bob")));
      expect(voices.size).toBe(1);
      expect(heard.every((part) => (part[0] === "4") === row >= 50)).toBe(true);
    }
  });

  it("gives the same rows again, and others for another seed", async () => {
    const again = await run(concatenate, clips, given);
    expect(textsOf(again)).toEqual(textsOf(await run(concatenate, clips, given)));
    expect(new Set(textsOf(again)).size).toBeGreaterThan(3);
  });

  it("says so when a split has no clips", async () => {
    await expect(run(concatenate, clips, { rows: { validation: 1 } })).rejects.toMatchObject({
      diagnostics: [{ code: "no-clips", message: "there are no clips of validation to make rows of" }],
    });
  });
});

describe("audio/scenes and audio/frame-tags", () => {
  const given = {
    rows: { train: 20 },
    event: "1",
    seconds: 2,
    events: [1, 2],
    others: [1, 2],
    noise_db: [-80, -80],
    gain_db: [0, 0],
  };

  it("puts clips on noise without overlap, and tells where the events are", async () => {
    const made = await run(scenes, clips, given);
    const events = made.columns.get("events");
    if (events?.type !== "series") throw new Error("no events");
    for (let row = 0; row < made.rows; row++) {
      const samples = samplesOf(made, row).map((value) => Math.round(value));
      expect(samples).toHaveLength(200);
      const inEvents = new Set<number>();
      for (let event = events.offsets[row]; event < events.offsets[row + 1]; event++) {
        const [from, to] = [0, 1].map((side) => Math.round(events.values[2 * event + side] * rate));
        for (let i = from; i < to; i++) inEvents.add(i);
      }
      expect(samples.map((value, i) => (value === 1 || value === 3) === inEvents.has(i)).every(Boolean)).toBe(true);
    }
  });

  it("takes for the event what is loud of its clip, if it is told how loud", async () => {
    const quiet = Array.from({ length: 100 }, (_, i) => [i >= 40 && i < 60 ? 0.5 : 0.001]);
    const word = Dataset.of({
      signal: series([quiet], 1),
      sample_rate: integers([rate]),
      label: labels(["1"]),
      split: labels(["train"]),
    });
    const lengths = async (more: object): Promise<number> => {
      const made = await run(scenes, word, { ...given, rows: { train: 1 }, events: [1, 1], ...more });
      const events = made.columns.get("events");
      if (events?.type !== "series") throw new Error("no events");
      return events.values[1] - events.values[0];
    };
    expect(await lengths({})).toBeCloseTo(1, 5);
    // A frame of a tenth of a second that touches the word counts.
    expect(Math.abs((await lengths({ event_db: 20 })) - 0.2)).toBeLessThan(0.12);
  });

  it("tags the frames behind the end of each event", async () => {
    const made = await run(scenes, clips, given);
    const frames = made.with({
      series: series(
        Array.from({ length: made.rows }, () => Array.from({ length: 20 }, () => [0])),
        1,
      ),
    });
    const tagged = await run(frameTags, frames, { hop_length: 10, seconds: 0.2, tag: "wake" });
    const tags = tagged.columns.get("tags");
    const events = made.columns.get("events");
    if (tags?.type !== "tags" || events?.type !== "series") throw new Error("no tags");
    expect(tags.dictionary).toEqual(["none", "wake"]);
    const end = events.values[2 * events.offsets[0] + 1];
    const first = Math.round(end * 10);
    if (first < 20) expect(tags.indices[tags.offsets[0] + first]).toBe(1);
    expect([...tags.indices].filter((tag) => tag === 1).length).toBeGreaterThan(10);
  });

  it("refuses an event that no clip is", async () => {
    await expect(run(scenes, clips, { ...given, event: "seven" })).rejects.toMatchObject({
      diagnostics: [{ code: "no-clips", hint: expect.stringContaining("The labels are 1, 2.") }],
    });
  });
});
