import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AnyStage, defineStage, value } from "@seqloom/core";
import {
  createRunId,
  listRuns,
  openStore,
  type RunEvent,
  type RunRecord,
  readRun,
  runPipeline,
  type Store,
} from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { kinds, loadFixtures, type NodeOptions, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));

const chain = (changes: { readonly rows?: NodeOptions; readonly shout?: NodeOptions; readonly seed?: number } = {}) =>
  pipelineOf([
    node("rows", fixture("source"), changes.rows),
    node("shout", fixture("upper"), { in: "rows", ...changes.shout }),
    node("count", fixture("rowCount"), { in: "shout" }),
    node("words", fixture("describeCount"), { in: { report: "count.report" } }),
  ]);

const statuses = (record: RunRecord) => Object.fromEntries(record.stages.map(({ name, status }) => [name, status]));
const stageOf = (record: RunRecord, name: string) => {
  const found = record.stages.find((stage) => stage.name === name);
  return found ?? expect.unreachable(`no stage ${name}`);
};
const textOf = (store: Store, record: RunRecord, name: string) =>
  readFileSync(store.blobPath(stageOf(record, name).outputs.text.files[0].digest), "utf8");

describe("a run", () => {
  it("computes everything the first time, and nothing the second", async () => {
    const store = openStore(temporaryFolder());
    const first = await runPipeline(chain(), { store });
    expect(first.stages.flatMap((stage) => stage.diagnostics)).toEqual([]);
    expect(statuses(first)).toEqual({ rows: "run", shout: "run", count: "run", words: "run" });
    const second = await runPipeline(chain(), { store });
    expect(second.status).toBe("succeeded");
    expect(statuses(second)).toEqual({ rows: "hit", shout: "hit", count: "hit", words: "hit" });
    expect(second.stages.map(({ outputs }) => outputs)).toEqual(first.stages.map(({ outputs }) => outputs));
    expect(second.stages.map(({ computeMs }) => computeMs)).toEqual(first.stages.map(({ computeMs }) => computeMs));
  });

  it("gives the numbers of metrics, computed or found", async () => {
    const store = openStore(temporaryFolder());
    for (const status of ["run", "hit"]) {
      const record = await runPipeline(chain(), { store });
      expect(stageOf(record, "count")).toMatchObject({ status, metrics: { rows: 4 } });
    }
  });

  it("reruns only what a change reaches, and says why", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(chain(), { store });
    const record = await runPipeline(chain({ shout: { with: { suffix: "!" } } }), { store });
    expect(statuses(record)).toEqual({ rows: "hit", shout: "run", count: "run", words: "hit" });
    expect(kinds(stageOf(record, "shout").reasons)).toBe("param-changed");
    expect(kinds(stageOf(record, "count").reasons)).toBe("input-changed");
  });

  it("stops at a stage that gives the same bytes as before: what follows is a hit", async () => {
    const store = openStore(temporaryFolder());
    const before = await runPipeline(chain(), { store });
    const record = await runPipeline(chain({ rows: { with: { salt: 1 } } }), { store });
    expect(statuses(record)).toEqual({ rows: "run", shout: "hit", count: "hit", words: "hit" });
    expect(stageOf(record, "rows").key).not.toBe(stageOf(before, "rows").key);
    expect(stageOf(record, "shout").key).toBe(stageOf(before, "shout").key);
  });

  it("makes again what is damaged in the store, and only that", async () => {
    const store = openStore(temporaryFolder());
    const before = await runPipeline(chain(), { store });
    rmSync(store.blobPath(stageOf(before, "shout").outputs.data.files[0].digest));
    const record = await runPipeline(chain(), { store });
    expect(statuses(record)).toEqual({ rows: "hit", shout: "run", count: "hit", words: "hit" });
    expect(kinds(stageOf(record, "shout").reasons)).toBe("entry-incomplete");
  });

  it("notices stored files whose bytes changed, however many, and makes them again in the same run", async () => {
    const store = openStore(temporaryFolder());
    const before = await runPipeline(chain(), { store });
    const flip = (stage: string): void => {
      const blob = store.blobPath(stageOf(before, stage).outputs.data.files[0].digest);
      const bytes = readFileSync(blob);
      bytes[bytes.length >> 1] ^= 1;
      rmSync(blob);
      writeFileSync(blob, bytes);
    };
    flip("rows");
    const changed = chain({ shout: { with: { suffix: "!" } } });
    const mended = await runPipeline(changed, { store });
    expect(mended.status).toBe("succeeded");
    expect(statuses(mended)).toMatchObject({ rows: "run", shout: "run" });
    expect(kinds(stageOf(mended, "rows").reasons)).toBe("entry-incomplete");
    expect(stageOf(mended, "rows").outputs).toEqual(stageOf(before, "rows").outputs);

    flip("rows");
    flip("shout");
    const chained = await runPipeline(chain(), { store, force: ["count"] });
    expect(chained.status).toBe("succeeded");
    expect(statuses(chained)).toEqual({ rows: "run", shout: "run", count: "run", words: "hit" });
    expect(stageOf(chained, "count").outputs).toEqual(stageOf(before, "count").outputs);
  });

  it("does not look into stored files that nothing reads: a run with nothing to do stays quick", async () => {
    const store = openStore(temporaryFolder());
    const before = await runPipeline(chain(), { store });
    const blob = store.blobPath(stageOf(before, "rows").outputs.data.files[0].digest);
    const bytes = readFileSync(blob);
    bytes[bytes.length >> 1] ^= 1;
    rmSync(blob);
    writeFileSync(blob, bytes);
    expect(Object.values(statuses(await runPipeline(chain(), { store })))).toEqual(["hit", "hit", "hit", "hit"]);
  });

  it("runs what is forced, and keeps quiet when the result is the same", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(chain(), { store });
    const record = await runPipeline(chain(), { store, force: ["shout"] });
    expect(statuses(record)).toEqual({ rows: "hit", shout: "run", count: "hit", words: "hit" });
    expect(kinds(stageOf(record, "shout").reasons)).toBe("forced");
    expect(stageOf(record, "shout").diagnostics).toEqual([]);
  });

  it("warns of a stage that gives another result for the same key, and uses the new one since it was forced", async () => {
    const store = openStore(temporaryFolder());
    const pipeline = pipelineOf([node("fickle", fixture("fickle"))]);
    const first = await runPipeline(pipeline, { store });
    const events: RunEvent[] = [];
    const record = await runPipeline(pipeline, { store, force: true, listeners: [(event) => events.push(event)] });
    expect(record.status).toBe("succeeded");
    expect(stageOf(record, "fickle").diagnostics[0]).toMatchObject({ code: "not-reproducible", severity: "warning" });
    expect(events.some(({ type }) => type === "stage-warning")).toBe(true);
    expect(textOf(store, record, "fickle")).not.toBe(textOf(store, first, "fickle"));
    expect(textOf(store, await runPipeline(pipeline, { store }), "fickle")).toBe(textOf(store, record, "fickle"));
  });

  it("runs only the targets and what they need", async () => {
    const store = openStore(temporaryFolder());
    const record = await runPipeline(chain(), { store, targets: ["shout"] });
    expect(statuses(record)).toEqual({ rows: "run", shout: "run" });
  });

  it("computes once what two stages have in common by content, whatever their names", async () => {
    const store = openStore(temporaryFolder());
    const mark = join(temporaryFolder(), "mark");
    const twin = (name: string) => node(name, fixture("busy"), { with: { ms: 50, mark } });
    const record = await runPipeline(pipelineOf([twin("one"), twin("two")]), { store, concurrency: 2 });
    expect(Object.values(statuses(record)).sort()).toEqual(["hit", "run"]);
    expect(readFileSync(mark, "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("gives a stage its own seed, the same each time, another for another seed or name", async () => {
    const numbers = async (seed: number) => {
      const store = openStore(temporaryFolder());
      const nodes = ["a", "b"].map((name) => node(name, fixture("random"), { seed }));
      const record = await runPipeline(pipelineOf(nodes), { store });
      return ["a", "b"].map((name) => textOf(store, record, name));
    };
    const [first, again, other] = [await numbers(1), await numbers(1), await numbers(2)];
    expect(again).toEqual(first);
    expect(new Set([...first, ...other]).size).toBe(4);
  });

  it("hands the device and the number of threads to stages; only the device is part of keys", async () => {
    const store = openStore(temporaryFolder());
    const pipeline = pipelineOf([
      node("inThread", fixture("environment")),
      node("inProcess", fixture("environment"), { stage: { isolation: "process", version: 2 } }),
    ]);
    const record = await runPipeline(pipeline, { store, device: "cpu", threads: 3 });
    expect(textOf(store, record, "inThread")).toBe("cpu 3");
    expect(textOf(store, record, "inProcess")).toBe("cpu 3");
    expect(statuses(await runPipeline(pipeline, { store, device: "cpu", threads: 1 }))).toMatchObject({
      inThread: "hit",
    });
    expect(statuses(await runPipeline(pipeline, { store, device: "simd" }))).toMatchObject({ inThread: "run" });
  });

  it("runs stages that live in the program only", async () => {
    const store = openStore(temporaryFolder());
    const definition = defineStage({
      id: "here/hello",
      version: 1,
      description: "Says hello.",
      inputs: {},
      outputs: { text: value("text") },
      params: z.strictObject({}),
      run: (_inputs, _params, { stage }) => ({ text: `hello from ${stage}` }),
    }) as unknown as AnyStage;
    const pipeline = pipelineOf([node("greet", { definition, module: null })]);
    const record = await runPipeline(pipeline, { store, definitions: new Map([["greet", definition]]) });
    expect(textOf(store, record, "greet")).toBe("hello from greet");
  });

  it("keeps nothing when a file changes while the stage reads it", async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, "a.txt"), "one");
    const store = openStore(join(directory, ".seqloom"));
    const reading = node("text", fixture("reader"), { with: { file: "a.txt", change: true } });
    const record = await runPipeline(pipelineOf([reading], { directory }), { store });
    expect(record.status).toBe("failed");
    expect(stageOf(record, "text").diagnostics).toEqual([
      {
        code: "input-changed-during-run",
        severity: "error",
        message: 'the files of stage "text" changed while it ran: a.txt',
        hint: "Nothing was kept. Run again when the files no longer change.",
        stage: "text",
      },
    ]);
    expect(existsSync(store.path("entries"))).toBe(false);
    expect(readdirSync(store.path("tmp"))).toEqual([]);
  });

  it("keeps the epochs of training beside the result, so that a hit can show the curves", async () => {
    const store = openStore(temporaryFolder());
    const pipeline = pipelineOf([
      node("rows", fixture("source")),
      node("label", fixture("label"), { in: "rows" }),
      node("fit", fixture("longest"), { in: "label" }),
    ]);
    const first = stageOf(await runPipeline(pipeline, { store }), "fit");
    expect(first.epochs.map(({ epoch, metrics }) => [epoch, metrics.loss])).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
    ]);
    expect(first.metrics).toEqual({ longest: 5 });
    const second = stageOf(await runPipeline(pipeline, { store }), "fit");
    expect(second).toMatchObject({ status: "hit", epochs: first.epochs, metrics: first.metrics });
  });
});

describe("the events of a run", () => {
  it("tell its story in order", async () => {
    const store = openStore(temporaryFolder());
    const events: RunEvent[] = [];
    await runPipeline(pipelineOf([node("slow", fixture("busy"), { with: { ms: 1 } })]), {
      store,
      listeners: [(event) => events.push(event)],
    });
    const types = events.map(({ type }) => type);
    expect(types).toEqual(["run-started", "stage-started", "stage-progress", "stage-finished", "run-finished"]);
  });

  it("have little of a progress that is told too often, and its end", async () => {
    const told: number[] = [];
    const listeners = [(event: RunEvent) => void (event.type === "stage-progress" && told.push(event.progress.done))];
    const store = openStore(temporaryFolder());
    await runPipeline(pipelineOf([node("chatty", fixture("chatty"))]), { store, listeners });
    expect(told.length).toBeLessThan(100);
    expect(told.at(-1)).toBe(5000);
  });

  it("have what stages print as lines of the log, wherever they run", async () => {
    const store = openStore(temporaryFolder());
    for (const isolation of ["thread", "process"] as const) {
      const lines: string[] = [];
      const pipeline = pipelineOf([
        node(isolation, fixture("broken"), { with: { how: "print" }, stage: { isolation } }),
      ]);
      const listeners = [(event: RunEvent) => void (event.type === "stage-log" && lines.push(event.message))];
      await runPipeline(pipeline, { store, listeners, force: true });
      expect(lines.sort()).toEqual(["to the error output", "to the log", "to the output"]);
    }
  });

  it("are written to a file line by line, without previews", async () => {
    const store = openStore(temporaryFolder());
    const { run } = await runPipeline(chain(), { store });
    const lines = readFileSync(store.path("runs", run, "events.ndjson"), "utf8")
      .trim()
      .split("\n");
    const events = lines.map((line) => JSON.parse(line) as RunEvent & { readonly time: number });
    expect(events[0]).toMatchObject({ type: "run-started", run });
    expect(events.filter(({ type }) => type === "stage-finished")).toHaveLength(4);
    expect(lines.join()).not.toContain('"preview"');
  });
});

describe("the id of a run", () => {
  it("has 26 digits, sorts by time, and never comes twice", () => {
    const made = [1, 2, 1_000_000, 2 ** 40].map((time) => createRunId(time));
    expect(made.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
    expect(made.toSorted()).toEqual(made);
    expect(new Set(Array.from({ length: 100 }, () => createRunId(7))).size).toBe(100);
  });
});

describe("the record of a run", () => {
  it("names the version of the package", async () => {
    const { environment } = await runPipeline(pipelineOf([]), { store: openStore(temporaryFolder()) });
    const manifest = readFileSync(new URL("../../../packages/core/package.json", import.meta.url), "utf8");
    expect(environment.seqloom).toBe(JSON.parse(manifest).version);
  });

  it("can be read again as it was", async () => {
    const store = openStore(temporaryFolder());
    const record = await runPipeline(chain(), { store });
    expect(readRun(store, record.run)).toEqual(record);
  });

  it("outlives the results, without their previews", async () => {
    const store = openStore(temporaryFolder());
    const record = await runPipeline(chain(), { store });
    rmSync(store.path("entries"), { recursive: true });
    const read = readRun(store, record.run);
    expect(read.stages.map(({ metrics }) => metrics)).toEqual(record.stages.map(({ metrics }) => metrics));
    expect(read.stages[0].outputs.data.preview).toBeNull();
  });

  it("of a run of hits is one small file", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(chain(), { store });
    const { run } = await runPipeline(chain(), { store });
    expect(readdirSync(store.path("runs", run))).toEqual(["run.json"]);
    expect(readFileSync(store.path("runs", run, "run.json")).length).toBeLessThan(10_000);
  });

  it("is in the list of runs, the newest first", async () => {
    const store = openStore(temporaryFolder());
    const first = await runPipeline(chain(), { store });
    const second = await runPipeline(chain(), { store });
    expect(listRuns(store).map(({ run }) => run)).toEqual([second.run, first.run]);
    expect(listRuns(store, 1)[0]).toMatchObject({
      pipeline: "test",
      status: "succeeded",
      stages: { hit: 4, run: 0, failed: 0, skipped: 0 },
      metrics: { count: { rows: 4 } },
    });
  });

  it("of another run is proposed when there is none of this id", async () => {
    const store = openStore(temporaryFolder());
    const { run } = await runPipeline(chain(), { store });
    expect(() => readRun(store, `${run.slice(0, 25)}*`)).toThrow("no record of a run");
    expect(() => readRun(store, "../../../etc")).toThrow("no record of a run");
  });

  it("of a process that is gone is a crash in the list", async () => {
    const store = openStore(temporaryFolder());
    const { run } = await runPipeline(chain(), { store });
    const [machine, boot] = store.begin().split("/").at(-1)?.split(".") ?? [];
    const started = { pipeline: "test", startedAt: "2025-01-01T00:00:00.000Z", owner: `${machine}.${boot}.4194303.1` };
    rmSync(store.path("runs", run, "run.json"));
    expect(listRuns(store)).toEqual([]);
    writeFileSync(store.path("runs", run, "started.json"), JSON.stringify(started));
    expect(listRuns(store)[0]).toMatchObject({ run, status: "crashed", seconds: null });
  });

  it("that cannot be written is a warning: the results are safe", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(chain(), { store });
    rmSync(store.path("runs"), { recursive: true });
    writeFileSync(store.path("runs"), "in the way");
    const record = await runPipeline(chain(), { store });
    expect(record.status).toBe("succeeded");
    expect(record.diagnostics).toMatchObject([{ code: "store-not-a-folder", severity: "warning" }]);
  });
});
