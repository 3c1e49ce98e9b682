import { openStore, type RunEvent, type RunRecord, readRun, runPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/profiled.mjs", import.meta.url));

const MAKING = [{ name: "making", calls: 1, ms: 2 }];
const LEARNING = [{ name: "learning", calls: 3, ms: 4 }];

const profiles = (record: RunRecord) => Object.fromEntries(record.stages.map(({ name, profile }) => [name, profile]));

describe("a run that profiles", () => {
  it.each(["thread", "process"] as const)("hears where the time of a stage in a %s went", async (isolation) => {
    const store = openStore(temporaryFolder());
    const events: RunEvent[] = [];
    const pipeline = pipelineOf([
      node("rows", fixture("source"), { stage: { isolation } }),
      node("model", fixture("learner"), { in: "rows", stage: { isolation } }),
    ]);
    const record = await runPipeline(pipeline, { store, profile: true, listeners: [(event) => events.push(event)] });
    expect(record.stages.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
    expect(profiles(record)).toEqual({ rows: MAKING, model: LEARNING });
    expect(profiles(readRun(store, record.run))).toEqual({ rows: MAKING, model: LEARNING });
    expect(events.filter(({ type }) => type === "stage-profile")).toEqual([
      { type: "stage-profile", stage: "rows", rows: MAKING },
      { type: "stage-profile", stage: "model", rows: LEARNING },
    ]);
  });

  it("has the keys of one that does not, and nothing to say of hits", async () => {
    const store = openStore(temporaryFolder());
    const pipeline = pipelineOf([node("rows", fixture("source"))]);
    const plain = await runPipeline(pipeline, { store });
    expect(plain.stages[0]).not.toHaveProperty("profile");
    const again = await runPipeline(pipeline, { store, profile: true });
    expect(again.stages[0]).toMatchObject({ status: "hit", key: plain.stages[0].key });
    expect(again.stages[0]).not.toHaveProperty("profile");
  });

  it("says nothing of the twin of a stage, which was not computed twice", async () => {
    const store = openStore(temporaryFolder());
    const pipeline = pipelineOf([node("one", fixture("source")), node("other", fixture("source"))]);
    const record = await runPipeline(pipeline, { store, profile: true });
    const found = record.stages.map(({ status, profile }) => [status, profile !== undefined]);
    expect(found).toEqual([
      ["run", true],
      ["hit", false],
    ]);
  });
});
