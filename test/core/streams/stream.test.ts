import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pipeline, StoredOutput } from "@seqloom/core";
import {
  openStore,
  type RunEvent,
  type RunOptions,
  type RunRecord,
  runPipeline,
  type Store,
} from "@seqloom/core/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));

const definitions = new Map(
  ["lines", "upper", "folding", "holding", "whole"].map((name) => [name, fixture(name).definition]),
);

/** A file in parts that begin with "#", and the stages that read it: in threads, or in this one, which starts faster. */
function workbench({ inline = false, ...more }: { ms?: number; inline?: boolean } = {}) {
  const directory = temporaryFolder();
  const marks = join(directory, "marks");
  const of = (name: string) => ({ ...fixture(name), ...(inline && { module: null }) });
  const pipeline = pipelineOf(
    [
      node("lines", of("lines"), { with: { path: "data", marks, ...more } }),
      node("upper", of("upper"), { in: "lines", with: { marks, ...more } }),
      node("folding", of("folding"), { in: "upper" }),
      node("holding", of("holding"), { in: "upper" }),
      node("whole", of("whole"), { in: "folding" }),
    ],
    { directory },
  );
  return {
    pipeline,
    write: (parts: readonly string[]) =>
      writeFileSync(join(directory, "data"), parts.map((part) => `# ${part}\n`).join("")),
    /** What was computed since the last time, by the first row of each chunk. */
    computed: () => {
      const text = existsSync(marks) ? readFileSync(marks, "utf8") : "";
      rmSync(marks, { force: true });
      return text
        .split("\n")
        .filter((line) => line !== "")
        .sort();
    },
  };
}

const run = async (pipeline: Pipeline, store: Store, options: Partial<RunOptions> = {}): Promise<RunRecord> =>
  runPipeline(pipeline, { store, concurrency: 2, definitions, ...options });

const outputOf = (record: RunRecord, stage: string, port = "data"): StoredOutput =>
  record.stages.find(({ name }) => name === stage)!.outputs[port];

const digests = (record: RunRecord) =>
  record.stages.map(({ name, outputs }) => [name, Object.entries(outputs).map(([port, { digest }]) => [port, digest])]);

describe("a stage that goes through its rows in chunks", () => {
  it("keeps one file per chunk, in order, and tells of all rows what it knows of each chunk", async () => {
    const { pipeline, write } = workbench();
    write(["1 x", "2 y\n5 z", "3 x"]);
    const record = await run(pipeline, openStore(temporaryFolder()));
    expect(record.status).toBe("succeeded");
    const data = outputOf(record, "upper");
    expect(data.files.map(({ name }) => name)).toEqual(["data.00000.arrow", "data.00001.arrow", "data.00002.arrow"]);
    expect(data.preview).toMatchObject({
      rows: 4,
      columns: [
        { name: "text", type: "utf8" },
        { name: "tokens", type: "tokens", tokens: 11 },
        { name: "label", type: "label", classes: ["x", "y", "z"] },
        { name: "digits", type: "vector", width: 1 },
        { name: "place", type: "integer" },
      ],
      sample: [{ text: "# 1 X" }],
    });
    expect(outputOf(record, "whole", "text").preview).toBe("4  1 x 2 y 5 z 3 x y z");
  });

  it("learns the same state whether it folds or holds, and gives the same rows", async () => {
    const { pipeline, write } = workbench({ inline: true });
    write(["1 a b", "2 b c", "3 a a"]);
    const record = await run(pipeline, openStore(temporaryFolder()));
    for (const port of ["state", "data", "report"]) {
      expect(outputOf(record, "folding", port).digest).toBe(outputOf(record, "holding", port).digest);
    }
    expect(outputOf(record, "folding", "report").preview).toMatchObject({ values: { size: 7 } });
  });

  it("computes only the chunks that an edit made new", async () => {
    const { pipeline, write, computed } = workbench({ inline: true });
    const store = openStore(temporaryFolder());
    write(["1", "2", "3", "4"]);
    await run(pipeline, store);
    expect(computed()).toEqual(["# 1", "# 1", "# 2", "# 2", "# 3", "# 3", "# 4", "# 4"]);
    write(["1", "2", "7", "3", "4"]);
    await run(pipeline, store);
    expect(computed()).toEqual(["# 7", "# 7"]);
    write(["1", "3", "4"]);
    await run(pipeline, store);
    expect(computed()).toEqual([]);
    // The first chunk has the sample rows: another one in its place is computed for them.
    write(["3", "4"]);
    await run(pipeline, store);
    expect(computed()).toEqual(["# 3", "# 3"]);
  });

  it("gives the same bytes after any edits as from scratch, on any number of cores", async () => {
    const { pipeline, write } = workbench({ inline: true });
    const kept = openStore(temporaryFolder());
    const edits = fc.array(
      fc.uniqueArray(fc.constantFrom("1 a", "2 b", "3 c\n4 d", "5 e", "6 a\n7 a\n8 b"), { minLength: 1 }),
      {
        minLength: 2,
        maxLength: 3,
      },
    );
    await fc.assert(
      fc.asyncProperty(edits, async (versions) => {
        for (const version of versions) {
          write(version);
          const incremental = await run(pipeline, kept, { concurrency: 3 });
          const fresh = await run(pipeline, openStore(temporaryFolder()), { concurrency: 1 });
          expect(digests(incremental)).toEqual(digests(fresh));
        }
      }),
      { numRuns: 8 },
    );
  });

  it("computes all chunks again when it is forced, or when one of them is gone from the store", async () => {
    const { pipeline, write, computed } = workbench({ inline: true });
    const store = openStore(temporaryFolder());
    write(["1", "2", "3"]);
    const first = await run(pipeline, store, { targets: ["lines"] });
    computed();
    await run(pipeline, store, { targets: ["lines"], force: true });
    expect(computed()).toEqual(["# 1", "# 2", "# 3"]);
    rmSync(store.blobPath(outputOf(first, "lines").files[1].digest), { force: true });
    write(["1", "2", "3", "4"]);
    const again = await run(pipeline, store, { targets: ["lines"] });
    expect(again.status).toBe("succeeded");
    expect(computed()).toEqual(["# 1", "# 2", "# 3", "# 4"]);
  });

  it("fails for the first row that is wrong, wherever its chunk is, with its place in the whole", async () => {
    const { pipeline, write } = workbench();
    write(["1", "2\n5", "3\nbad 6", "bad 4", "crash 5"]);
    for (const concurrency of [1, 3]) {
      const record = await run(pipeline, openStore(temporaryFolder()), { concurrency });
      expect(record.stages[0].diagnostics).toMatchObject([
        { code: "bad-row", message: 'row "bad 6"', at: { line: 5 } },
      ]);
      expect(record.stages[1].status).toBe("skipped");
    }
    write(["1", "2\n5", "3\ncrash 6", "crash 4"]);
    const record = await run(pipeline, openStore(temporaryFolder()));
    expect(record.stages[1].diagnostics).toMatchObject([{ code: "bad-row", message: "row 5" }]);
  });

  it("refuses a piece that is not as wide as the first, also when it was known before", async () => {
    const { pipeline, write } = workbench({ inline: true });
    const store = openStore(temporaryFolder());
    write(["10", "20"]);
    expect((await run(pipeline, store)).status).toBe("succeeded");
    write(["1", "20"]);
    const record = await run(pipeline, store);
    expect(record.stages[0].diagnostics).toMatchObject([{ code: "bad-width", message: "2 digits, not 1" }]);
  });

  it("tells progress by bytes, and what its chunks say once", async () => {
    const { pipeline, write } = workbench();
    write(["1", "2", "3"]);
    const events: RunEvent[] = [];
    await run(pipeline, openStore(temporaryFolder()), { listeners: [(event) => void events.push(event)] });
    const ofUpper = events.flatMap((event) =>
      event.type === "stage-progress" && event.stage === "lines" ? [event.progress] : [],
    );
    // The total is known when all pieces are found: chunks that are done before then are told with those that come after.
    const told = [4, 8, 12].slice(-ofUpper.length);
    expect(ofUpper).toEqual(told.map((done) => ({ done, total: 12, unit: "bytes" })));
    expect(told).not.toEqual([]);
    expect(events.filter((event) => event.type === "stage-log")).toHaveLength(1);
  });

  it("stops between chunks when the run is aborted, and keeps nothing", async () => {
    const { pipeline, write, computed } = workbench({ ms: 50 });
    write(Array.from({ length: 100 }, (_, i) => String(i % 10)));
    const store = openStore(temporaryFolder());
    const controller = new AbortController();
    const record = await run(pipeline, store, {
      signal: controller.signal,
      listeners: [(event) => event.type === "stage-progress" && controller.abort()],
    });
    expect(record.status).toBe("interrupted");
    expect(computed().length).toBeLessThan(20);
    expect(existsSync(store.path("entries"))).toBe(false);
  });
});
