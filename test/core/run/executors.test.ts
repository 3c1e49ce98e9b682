import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Pipeline } from "@seqloom/core";
import { listRuns, openStore, type RunEvent, type RunRecord, runPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { loadFixtures, type NodeOptions, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { filesUnder } from "../store/support.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));
const busy = (name: string, params: object, stage: NodeOptions["stage"] = {}) =>
  node(name, fixture("busy"), { with: { ms: 250, salt: name.length, ...params }, stage });

/** When each stage started and finished, as places in the list of events. */
async function intervals(pipeline: Pipeline, concurrency: number) {
  const events: RunEvent[] = [];
  const store = openStore(temporaryFolder());
  const record = await runPipeline(pipeline, { store, concurrency, listeners: [(event) => events.push(event)] });
  expect(record.status).toBe("succeeded");
  const place = (type: RunEvent["type"], stage: string) =>
    events.findIndex((event) => event.type === type && "stage" in event && event.stage === stage);
  return (stage: string) => ({ from: place("stage-started", stage), to: place("stage-finished", stage) });
}

interface Interval {
  readonly from: number;
  readonly to: number;
}
const overlap = (a: Interval, b: Interval) => a.from < b.to && b.from < a.to;

describe("independent stages", () => {
  it.each(["thread", "process"] as const)("run at the same time, each in a %s of its own", async (isolation) => {
    const marks = join(temporaryFolder(), "pids");
    const pipeline = pipelineOf([
      busy("a", { mark: marks }, { isolation }),
      busy("bb", { mark: marks }, { isolation }),
    ]);
    const of = await intervals(pipeline, 2);
    expect(overlap(of("a"), of("bb"))).toBe(true);
    const pids = new Set(readFileSync(marks, "utf8").trim().split("\n").map(Number));
    expect(pids.size).toBe(isolation === "process" ? 2 : 1);
    expect(pids.has(process.pid)).toBe(isolation === "thread");
  });

  it("wait for each other when the machine has one core", async () => {
    const of = await intervals(pipelineOf([busy("a", { ms: 30 }), busy("bb", { ms: 30 })]), 1);
    expect(overlap(of("a"), of("bb"))).toBe(false);
  });

  it("wait for a stage that takes all cores, which waits for them", async () => {
    const of = await intervals(
      pipelineOf([busy("a", {}), busy("whole", { ms: 50 }, { cpu: "all" }), busy("ccc", {}), busy("dddd", {})]),
      2,
    );
    for (const other of ["a", "ccc", "dddd"]) expect(overlap(of("whole"), of(other))).toBe(false);
    expect(overlap(of("a"), of("ccc")) || overlap(of("ccc"), of("dddd"))).toBe(true);
  });

  it("may ask for more cores than there are", async () => {
    const of = await intervals(pipelineOf([busy("a", { ms: 1 }, { cpu: 64 }), busy("bb", { ms: 1 }, { cpu: 64 })]), 2);
    expect(overlap(of("a"), of("bb"))).toBe(false);
  });

  it("leave this thread free: its timers fire while stages spin", async () => {
    const pipeline = pipelineOf([busy("a", { spin: true, ms: 1000 }), busy("bb", { spin: true, ms: 1000 })]);
    let ticks = 0;
    let timer: NodeJS.Timeout | undefined;
    const listeners = [
      ({ type }: RunEvent) => {
        if (type === "stage-progress") timer ??= setInterval(() => ticks++, 10);
        if (type === "stage-finished") clearInterval(timer);
      },
    ];
    await runPipeline(pipeline, { store: openStore(temporaryFolder()), concurrency: 2, listeners });
    expect(ticks).toBeGreaterThan(0);
  });
});

describe("an aborted run", () => {
  const long = { ms: 60_000, spin: true };

  it.each(["thread", "process"] as const)("ends stages that never look up, in a %s", async (isolation) => {
    const store = openStore(temporaryFolder());
    const controller = new AbortController();
    const events: RunEvent[] = [];
    const pipeline = pipelineOf([
      busy("quick", { ms: 1 }),
      busy("endless", long, { isolation }),
      node("after", fixture("describeCount"), { in: { report: "endless.text" } }),
    ]);
    const started = performance.now();
    const record = await runPipeline(pipeline, {
      store,
      concurrency: 1,
      signal: controller.signal,
      listeners: [
        (event) => {
          events.push(event);
          if (event.type === "stage-progress" && event.stage === "endless") controller.abort();
        },
      ],
    });
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(record.status).toBe("interrupted");
    expect(statuses(record)).toEqual({ quick: "run", endless: "skipped", after: "skipped" });
    expect(record.stages[1].diagnostics[0]).toMatchObject({
      code: "interrupted",
      severity: "warning",
      stage: "endless",
    });
    expect(events.find(({ type }) => type === "interrupting")).toEqual({ type: "interrupting", running: ["endless"] });
    expect(readdirSync(store.path("tmp"))).toEqual([]);
    expect(listRuns(store)[0].status).toBe("interrupted");
  });

  it("starts nothing when it is aborted before it begins, and still takes the hits", async () => {
    const store = openStore(temporaryFolder());
    const pipeline = pipelineOf([busy("a", { ms: 1 })]);
    const record = await runPipeline(pipeline, { store, signal: AbortSignal.abort() });
    expect(statuses(record)).toEqual({ a: "skipped" });
    expect(record.status).toBe("interrupted");
  });
});

describe("the process of a run", () => {
  /** Starts a run in a process of its own; `onEvent` may kill what it likes. */
  async function coordinate(pipeline: Pipeline, store: string, onEvent: (event: RunEvent, pid: number) => void) {
    const file = join(temporaryFolder(), "pipeline.json");
    writeFileSync(file, JSON.stringify(pipeline));
    const script = new URL("./fixtures/coordinator.mjs", import.meta.url).pathname;
    const child = spawn(process.execPath, [script, file, store], { stdio: ["ignore", "pipe", "inherit"] });
    let record: { status: string; stages: { name: string; status: string; diagnostics: unknown[] }[] } | undefined;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.type === "record") record = event;
      else onEvent(event, child.pid as number);
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.on("close", (...ended) => resolve(ended));
    });
    return { code, signal, record };
  }

  const training = (folder: string, params: object) =>
    pipelineOf([
      node("rows", fixture("source")),
      busy("train", { ms: 60_000, mark: join(folder, "pid"), ...params }, { isolation: "process", cpu: "all" }),
    ]);

  it("ends at SIGINT in the middle of a stage: the child is killed, nothing is half-written, the next run goes on", async () => {
    const folder = temporaryFolder();
    const store = join(folder, "store");
    const { code, record } = await coordinate(training(folder, { spin: true }), store, (event, pid) => {
      if (event.type === "stage-progress") process.kill(pid, "SIGINT");
    });
    expect(code).toBe(0);
    expect(record).toMatchObject({ status: "interrupted", stages: [{ status: "run" }, { status: "skipped" }] });
    expect(await isGone(pidIn(folder))).toBe(true);
    expect(filesUnder(join(store, "tmp"))).toEqual([]);
    const next = await runPipeline(pipelineOf([node("rows", fixture("source"))]), { store: openStore(store) });
    expect(statuses(next)).toEqual({ rows: "hit" });
  });

  it("may be killed: its child ends by itself, the list says that it crashed, the next run goes on", async () => {
    const folder = temporaryFolder();
    const store = join(folder, "store");
    const { signal } = await coordinate(training(folder, {}), store, (event, pid) => {
      if (event.type === "stage-progress") process.kill(pid, "SIGKILL");
    });
    expect(signal).toBe("SIGKILL");
    expect(await isGone(pidIn(folder))).toBe(true);
    expect(listRuns(openStore(store))[0]).toMatchObject({ status: "crashed", pipeline: "test" });
    const pipeline = pipelineOf([node("rows", fixture("source")), busy("a", { ms: 1 })]);
    const next = await runPipeline(pipeline, { store: openStore(store) });
    expect(statuses(next)).toEqual({ rows: "hit", a: "run" });
    expect(filesUnder(join(store, "tmp"))).toEqual([]);
  });

  it("survives a child that is killed from outside", async () => {
    const folder = temporaryFolder();
    const { code, record } = await coordinate(training(folder, {}), join(folder, "store"), (event) => {
      if (event.type === "stage-progress") process.kill(pidIn(folder), "SIGKILL");
    });
    expect(code).toBe(0);
    expect(record).toMatchObject({ status: "failed", stages: [{ status: "run" }, { status: "failed" }] });
    expect(record?.stages[1].diagnostics).toMatchObject([{ code: "stage-crashed", stage: "train" }]);
  });

  it("shares a store with others that run the same pipeline at the same time", async () => {
    const store = join(temporaryFolder(), "store");
    const pipeline = pipelineOf([
      node("rows", fixture("source"), { with: { count: 50 } }),
      ...Array.from({ length: 8 }, (_, i) => node(`s${i}`, fixture("upper"), { in: "rows", with: { suffix: `${i}` } })),
    ]);
    const runs = await Promise.all([1, 2, 3].map(() => coordinate(pipeline, store, () => {})));
    for (const { record } of runs) {
      expect(record?.status).toBe("succeeded");
      expect(record?.stages.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
    }
    const last = await runPipeline(pipeline, { store: openStore(store) });
    expect(new Set(Object.values(statuses(last)))).toEqual(new Set(["hit"]));
    expect(filesUnder(join(store, "tmp"))).toEqual([]);
    expect(filesUnder(join(store, "entries"))).toHaveLength(9);
  });
});

function statuses(record: RunRecord): Record<string, string> {
  return Object.fromEntries(record.stages.map(({ name, status }) => [name, status]));
}

function pidIn(folder: string): number {
  return Number(readFileSync(join(folder, "pid"), "utf8").trim());
}

/** Whether a process ends within some seconds. */
async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}
