import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { nodeFs, openStore, type RunRecord, runPipeline, stagedPath } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { filesUnder, systemError, watchedFs } from "../store/support.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));
const at = { file: "pipeline.yaml", line: 7, column: 3 };

/** Runs a stage that fails in this way, and gives what is said of it. */
async function failure(how: string, isolation: "thread" | "process", more: { stage?: object } = {}) {
  const store = openStore(temporaryFolder());
  const options = { with: { how }, stage: { isolation, ...more.stage }, at };
  const record = await runPipeline(pipelineOf([node("bad", fixture("broken"), options)]), { store });
  expect(record.status).toBe("failed");
  expect(record.stages[0].status).toBe("failed");
  expect(readdirSync(store.path("tmp"))).toEqual([]);
  return record.stages[0].diagnostics[0];
}

describe.each(["thread", "process"] as const)("a stage that fails in a %s", (isolation) => {
  it("with a diagnostic of its own: it comes whole, with the place of the stage as a second one", async () => {
    expect(await failure("diagnostic", isolation)).toEqual({
      code: "bad-row",
      severity: "error",
      message: "row 3 is bad",
      hint: "Mend it.",
      at: { file: "data.csv", line: 4, column: 2 },
      related: [{ message: 'stage "bad" is here', at }],
      stage: "bad",
    });
  });

  it("with a diagnostic without a place: it gets that of the stage", async () => {
    expect(await failure("plain", isolation)).toMatchObject({ code: "bad-data", stage: "bad", at });
  });

  it("with any other exception: it crashed, and the stack is kept", async () => {
    const diagnostic = await failure("throw", isolation);
    expect(diagnostic).toMatchObject({
      code: "stage-crashed",
      message: 'stage "bad" (test/broken) failed: boom',
      stage: "bad",
      at,
    });
    expect(diagnostic.details).toContain("stages.mjs");
  });

  it("with something that is no error", async () => {
    expect((await failure("string", isolation)).message).toContain("just a string");
  });

  it("by ending its thread or process", async () => {
    expect((await failure("exit", isolation)).message).toContain("ended with code 7");
  });

  it("with a rejection that nobody handles", async () => {
    const { code, message } = await failure("reject", isolation);
    expect(code).toBe("stage-crashed");
    expect(message).toMatch(/nobody catches this|ended with code 1/);
  });

  it("by giving nothing on a port", async () => {
    expect(await failure("nothing", isolation)).toMatchObject({
      code: "stage-output",
      message: 'stage "bad" (test/broken) gave nothing on its output port "text"',
    });
  });

  it("by having a module that cannot be loaded", async () => {
    const module = { url: "file:///nowhere/at-all.mjs", name: "x" };
    expect(await failure("x", isolation, { stage: { module } })).toMatchObject({
      code: "stage-not-loadable",
      stage: "bad",
    });
  });

  it("by not being a stage", async () => {
    const module = { url: new URL("./fixtures/stages.mjs", import.meta.url).href, name: "missing" };
    expect((await failure("x", isolation, { stage: { module } })).message).toContain('"missing" is not a stage');
  });
});

describe("a child process", () => {
  it("that is killed from outside takes nothing with it, and the report has the signal", async () => {
    const diagnostic = await failure("kill", "process");
    expect(diagnostic.message).toContain("ended by SIGKILL");
    expect(diagnostic.hint).toContain("memory");
  });

  it("that ends with an error shows the end of its error output", async () => {
    const diagnostic = await failure("exit", "process");
    expect(diagnostic.message).toContain("about to exit");
    expect(diagnostic.details).toEqual({ code: 7, signal: null, stderr: ["about to exit"] });
  });
});

describe("what depends on a stage that failed", () => {
  it("is skipped; everything else is finished, and kept", async () => {
    const store = openStore(temporaryFolder());
    const nodes = [
      node("bad", fixture("broken"), { with: { how: "throw" } }),
      node("after", fixture("describeCount"), { in: { report: "bad.text" } }),
      node("rows", fixture("source")),
      node("shout", fixture("upper"), { in: "rows" }),
    ];
    const record = await runPipeline(pipelineOf(nodes), { store });
    expect(statuses(record)).toEqual({ bad: "failed", after: "skipped", rows: "run", shout: "run" });
    expect(record.status).toBe("failed");
    const again = await runPipeline(pipelineOf(nodes), { store });
    expect(statuses(again)).toEqual({ bad: "failed", after: "skipped", rows: "hit", shout: "hit" });
  });

  it("is skipped when a file is missing", async () => {
    const store = openStore(temporaryFolder());
    const nodes = [
      node("text", fixture("reader"), { with: { file: "missing.txt" } }),
      node("after", fixture("describeCount"), { in: { report: "text.text" } }),
    ];
    const record = await runPipeline(pipelineOf(nodes, { directory: temporaryFolder() }), { store });
    expect(statuses(record)).toEqual({ text: "failed", after: "skipped" });
    expect(record.stages[0].diagnostics[0]).toMatchObject({ code: "file-missing", stage: "text" });
  });
});

describe.skipIf(!existsSync("/dev/full"))("a disk that is full when a worker writes its result", () => {
  it.each(["thread", "process"] as const)("fails the stage in a %s, and keeps nothing", async (isolation) => {
    const directory = temporaryFolder();
    // The file that the worker is about to write leads to a device on which there is never any space.
    const makeFolder = (path: string): void => {
      nodeFs.makeFolder(path);
      if (path.startsWith(join(directory, "tmp", "/"))) symlinkSync("/dev/full", stagedPath(path, "text", "text.txt"));
    };
    const store = openStore(directory, { ...nodeFs, makeFolder });
    const pipeline = pipelineOf([node("random", fixture("random"), { stage: { isolation } })]);
    const record = await runPipeline(pipeline, { store });
    expect(record.stages[0].diagnostics).toMatchObject([{ code: "disk-full", stage: "random" }]);
    expect(filesUnder(directory).filter((file) => /^(blobs|entries|keys|tmp)/.test(file))).toEqual([]);
  });
});

describe("a store that cannot be written", () => {
  it.each([
    ["ENOSPC", "disk-full"],
    ["EROFS", "store-not-writable"],
  ])("with %s fails the stage, not the process, and a run of hits not at all", async (code, expected) => {
    const directory = temporaryFolder();
    const pipeline = pipelineOf([node("rows", fixture("source"))]);
    const broken = openStore(
      directory,
      watchedFs(() => {
        throw systemError(code);
      }),
    );
    const record = await runPipeline(pipeline, { store: broken });
    expect(statuses(record)).toEqual({ rows: "failed" });
    expect(record.stages[0].diagnostics).toMatchObject([{ code: expected, stage: "rows" }]);
    expect((await runPipeline(pipeline, { store: openStore(directory) })).status).toBe("succeeded");
    expect(statuses(await runPipeline(pipeline, { store: broken }))).toEqual({ rows: "hit" });
  });
});

function statuses(record: RunRecord): Record<string, string> {
  return Object.fromEntries(record.stages.map(({ name, status }) => [name, status]));
}
