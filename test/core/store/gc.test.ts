import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Key } from "@seqloom/core";
import {
  commit,
  noteUses,
  openStore,
  type RunEvent,
  type RunRecord,
  reasonText,
  runPipeline,
  type Store,
  writeRun,
} from "@seqloom/core/engine";
import { collect, isDue, limitsOf, parseSize, pinnedRuns, pinRun, unpinRun } from "@seqloom/core/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { diagnosticsIn } from "../keys/support.js";
import { blobOf, filesUnder, keyNamed, recordOf, stage } from "./support.js";

const fixture = await loadFixtures(new URL("../run/fixtures/stages.mjs", import.meta.url));
const HOUR = 3_600_000;
/** The moment of collecting: what these tests make is then past its hour of grace. */
const later = () => Date.now() + 2 * HOUR;

/** Keeps a result of so many bytes that took so long; `content` to share it with another. */
function keep(store: Store, name: string, bytes: number, computeMs: number, content = name): Key {
  const staging = store.begin();
  const result = stage(staging, name, { "x.bin": content.padEnd(bytes, ".") });
  commit(store, staging, { ...result, computeMs });
  return result.key;
}

/** Leaves the record of a run that used these results. */
function recordRun(store: Store, run: string, pipeline: string, keys: readonly Key[]): void {
  const stages = keys.map((key, i) => ({
    name: `s${i}`,
    use: "test/stage",
    status: "hit",
    key,
    outputs: {},
    metrics: {},
  }));
  writeRun(store, {
    schema: 1,
    run,
    status: "succeeded",
    pipeline: { name: pipeline },
    stages,
  } as unknown as RunRecord);
}

const runId = (n: number) => `01RUN${String(n).padStart(21, "0")}`;
const there = (store: Store, names: readonly string[]) =>
  names.filter((name) => openStore(store.directory).lookup(keyNamed(name)).hit);

describe("collecting", () => {
  it("takes nothing that results need while the store is small enough", async () => {
    const store = openStore(temporaryFolder());
    keep(store, "a", 1000, 5);
    const { evicted, litter, kept } = await collect(store, { now: later(), maxBytes: 1000 });
    expect({ evicted, litter, kept }).toEqual({ evicted: [], litter: { files: 0, bytes: 0 }, kept: 1000 });
    expect(there(store, ["a"])).toEqual(["a"]);
  });

  it("takes what is cheapest to make again for its size first, and what was used least", async () => {
    const store = openStore(temporaryFolder());
    keep(store, "cheap", 1000, 10);
    keep(store, "dear", 1000, 1000);
    keep(store, "small", 10, 10);
    const used = keep(store, "used", 1000, 11);
    keep(store, "unused", 1000, 12);
    utimesSync(store.entryPath(used), 1, 1);
    noteUses(store, [used]);
    const { evicted, freed } = await collect(store, { now: later(), maxBytes: 2300 });
    expect(evicted.map(({ bytes, computeMs, uses }) => [bytes, computeMs, uses])).toEqual([
      [1000, 10, 0],
      [1000, 12, 0],
    ]);
    expect(freed).toBe(2000);
    expect(there(store, ["cheap", "dear", "small", "used", "unused"])).toEqual(["dear", "small", "used"]);
    expect(existsSync(blobOf(store, "cheap".padEnd(1000, ".")))).toBe(false);
  });

  it("keeps a file for as long as any result refers to it", async () => {
    const store = openStore(temporaryFolder());
    keep(store, "one", 1000, 1, "same");
    keep(store, "two", 1000, 100, "same");
    keep(store, "big", 5000, 50);
    await collect(store, { now: later(), maxBytes: 1200 });
    expect(there(store, ["one", "two", "big"])).toEqual(["two"]);
  });

  it("only tells when it is dry", async () => {
    const store = openStore(temporaryFolder());
    keep(store, "a", 1000, 5);
    const before = filesUnder(store.directory);
    const dry = await collect(store, { now: later(), maxBytes: 0, dry: true });
    expect(dry).toMatchObject({ evicted: [{ kind: "result", use: "test/stage", bytes: 1000 }], freed: 1000, kept: 0 });
    expect(filesUnder(store.directory)).toEqual(before);
    expect(await collect(store, { now: later(), maxBytes: 0 })).toMatchObject({ freed: dry.freed, kept: dry.kept });
    expect(there(store, ["a"])).toEqual([]);
  });

  it("leaves word, so that the rerun can be explained by name and date", async () => {
    const store = openStore(temporaryFolder());
    const key = keep(store, "a", 1000, 5);
    const now = Date.parse("2031-05-04T10:00:00Z");
    await collect(store, { now, maxBytes: 0 });
    const found = store.lookup(key);
    expect(found).toEqual({ hit: false, reason: { kind: "entry-evicted", at: "2031-05-04T10:00:00.000Z" } });
    expect(!found.hit && found.reason !== null && reasonText(found.reason)).toBe(
      "result collected on 2031-05-04 to save space",
    );
    expect(store.storedKey(key)?.record).toEqual(recordOf("a"));
    keep(store, "a", 1000, 5);
    expect(store.lookup(key).hit).toBe(true);
    expect(store.storedKey(key)).toEqual({ record: recordOf("a"), files: {} });
  });

  it("leaves every store sound, below its limit or with nothing left that may go", async () => {
    const result = fc.record({
      bytes: fc.integer({ min: 0, max: 300 }),
      ms: fc.integer({ min: 0, max: 50 }),
      content: fc.integer({ min: 0, max: 4 }),
      root: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(result, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 0, max: 900 }),
        async (results, maxBytes) => {
          const folder = temporaryFolder();
          const store = openStore(folder);
          const keys = results.map(({ bytes, ms, content }, i) => keep(store, `r${i}`, bytes, ms, `c${content}`));
          recordRun(
            store,
            runId(1),
            "p",
            keys.filter((_, i) => results[i].root),
          );
          const { evicted, kept, protected: staying } = await collect(store, { now: later(), maxBytes });
          const gone = new Set(evicted.map(({ id }) => id));
          const fresh = openStore(folder);
          for (const [i, key] of keys.entries()) {
            expect(fresh.lookup(key).hit).toBe(!gone.has(key));
            if (results[i].root) expect(gone.has(key)).toBe(false);
          }
          const blobs = filesUnder(join(folder, "blobs")).map((name) => statSync(join(folder, "blobs", name)).size);
          expect(blobs.reduce((sum, size) => sum + size, 0)).toBe(kept);
          expect(kept <= maxBytes || kept === staying).toBe(true);
          rmSync(folder, { recursive: true });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("what stays, whatever the size", () => {
  it("is what the last runs of every pipeline used", async () => {
    const store = openStore(temporaryFolder());
    const names = ["old", "p1", "p2", "q1", "none"];
    const keys = new Map(names.map((name) => [name, keep(store, name, 1000, 5)]));
    const run = (n: number, pipeline: string, name: string) =>
      recordRun(store, runId(n), pipeline, [keys.get(name) as Key]);
    run(1, "p", "old");
    run(2, "p", "p1");
    run(3, "p", "p2");
    run(0, "q", "q1");
    writeFileSync(store.path("config.json"), '{ "keep_runs": 2 }');
    const { kept, protected: staying } = await collect(store, { now: later(), maxBytes: 0 });
    expect(there(store, names)).toEqual(["p1", "p2", "q1"]);
    expect([kept, staying]).toEqual([3000, 3000]);
  });

  it("is what pinned and tagged runs used, until they are unpinned", async () => {
    const store = openStore(temporaryFolder());
    writeFileSync(join(store.directory, "config.json"), '{ "keep_runs": 1 }');
    const names = ["pinned", "tagged", "old", "new"];
    for (const [i, name] of names.entries()) recordRun(store, runId(i), "p", [keep(store, name, 1000, 5)]);
    pinRun(store, runId(0));
    writeFileSync(store.path("runs", runId(1), "tags.json"), '["best"]');
    await collect(store, { now: later(), maxBytes: 0 });
    expect(there(store, names)).toEqual(["pinned", "tagged", "new"]);
    expect(pinnedRuns(store)).toEqual([runId(0)]);
    unpinRun(store, runId(0));
    await collect(store, { now: later(), maxBytes: 0 });
    expect(there(store, names)).toEqual(["tagged", "new"]);
  });

  it("is what was used within the hour", async () => {
    const store = openStore(temporaryFolder());
    keep(store, "a", 1000, 5);
    await collect(store, { maxBytes: 0 });
    expect(there(store, ["a"])).toEqual(["a"]);
  });

  it("is what a run that is going on used since it began, however long ago that was", async () => {
    const store = openStore(temporaryFolder());
    const alive = {
      pipeline: "p",
      startedAt: new Date(Date.now() - HOUR).toISOString(),
      owner: store.begin().split("/").at(-1),
    };
    mkdirSync(store.path("runs", runId(1)), { recursive: true });
    writeFileSync(store.path("runs", runId(1), "started.json"), JSON.stringify(alive));
    keep(store, "a", 1000, 5);
    await collect(store, { now: Date.now() + 20 * HOUR, maxBytes: 0 });
    expect(there(store, ["a"])).toEqual(["a"]);
    const dead = { ...alive, owner: alive.owner?.replace(/\.\d+\.\d+\./, ".4194303.1.") };
    writeFileSync(store.path("runs", runId(1), "started.json"), JSON.stringify(dead));
    await collect(store, { now: Date.now() + 20 * HOUR, maxBytes: 0 });
    expect(there(store, ["a"])).toEqual([]);
  });

  it("is not what a clock that was wrong says to be of tomorrow", async () => {
    const store = openStore(temporaryFolder());
    const key = keep(store, "a", 1000, 5);
    const tomorrow = Date.now() / 1000 + 24 * 3600;
    utimesSync(store.entryPath(key), tomorrow, tomorrow);
    await collect(store, { maxBytes: 0 });
    expect(there(store, ["a"])).toEqual(["a"]); // within its hour, as if it had been used now
    await collect(store, { now: later(), maxBytes: 0 });
    expect(there(store, ["a"])).toEqual([]);
  });

  it("is refused to be pinned when there is no such run, and to be unpinned when it is not", () => {
    const store = openStore(temporaryFolder());
    expect(diagnosticsIn(() => pinRun(store, "../../x"))[0].code).toBe("unknown-run");
    expect(diagnosticsIn(() => unpinRun(store, runId(1)))[0].code).toBe("not-pinned");
  });
});

describe("litter", () => {
  it("goes with its folders: checkpoints that nobody came back to, and code of which there is no result", async () => {
    const store = openStore(temporaryFolder());
    const write = (age: number, ...path: string[]) => {
      const file = store.path(...path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, "[]");
      const time = (Date.now() - age) / 1000;
      utimesSync(file, time, time);
    };
    const month = 30 * 24 * HOUR;
    keep(store, "a", 10, 5); // its code has the hash "0"
    write(month, "checkpoints", "ab", "abc", "000000000000004", "model.bin");
    write(month, "checkpoints", "ab", "abc", "000000000000004", "checkpoint.json");
    write(month, "checkpoints", "cd", "cde", "000000000000001", "model.bin");
    write(HOUR, "checkpoints", "cd", "cde", "000000000000002", "model.bin");
    for (const [name, age] of [
      ["0", month],
      ["1", month],
      ["2", HOUR],
    ] as const)
      write(age, "index", "code", `${name}.json`);
    expect((await collect(store)).litter).toEqual({ files: 4, bytes: 8 });
    expect(readdirSync(store.path("checkpoints"))).toEqual(["cd"]);
    expect(filesUnder(store.path("checkpoints"))).toEqual(["cd/cde/000000000000002/model.bin"]);
    expect(filesUnder(store.path("index", "code"))).toEqual(["0.json", "2.json"]);
  });

  it("is files of no result, half a download, what was set aside two weeks ago; not what came a moment ago", async () => {
    const store = openStore(temporaryFolder());
    const key = keep(store, "a", 1000, 5);
    rmSync(store.entryPath(key));
    const write = (path: string, days: number): void => {
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, "xx");
      const time = Date.now() / 1000 - days * 24 * 3600;
      utimesSync(path, time, time);
    };
    write(store.path("downloads", "ab", `${"ab".repeat(32)}.12-0.tmp`), 2);
    write(store.path("quarantine", "x.json"), 15);
    write(store.path("quarantine", "y.json"), 13);
    write(store.path("checkpoints", "ab", "abc", "4", "model.bin"), 15);
    expect((await collect(store)).litter).toEqual({ files: 3, bytes: 6 });
    expect(filesUnder(store.path("quarantine"))).toEqual(["y.json"]);
    expect((await collect(store, { now: later() })).litter).toEqual({ files: 1, bytes: 1000 });
    expect(filesUnder(store.path("blobs"))).toEqual([]);
  });

  it("is downloads that no last run needs, once the store is too large", async () => {
    const store = openStore(temporaryFolder());
    store.begin();
    const path = store.path("downloads", "ab", "ab".repeat(32));
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "x".repeat(500));
    utimesSync(path, 1, 1);
    expect((await collect(store, { maxBytes: 500 })).evicted).toEqual([]);
    expect((await collect(store, { maxBytes: 400 })).evicted).toMatchObject([{ kind: "download", bytes: 500 }]);
    expect(existsSync(path)).toBe(false);
  });
});

describe("the limit", () => {
  it.each([
    ["20GB", 20e9],
    ["500 mb", 500e6],
    ["1.5GiB", 1.5 * 2 ** 30],
    ["1000", 1000],
    ["off", null],
  ])("%s is read", (text, bytes) => expect(parseSize(text, "here")).toBe(bytes));

  it.each(["", "many", "-1GB", "5 parsecs", "1e3"])("%j is refused", (text) => {
    expect(diagnosticsIn(() => parseSize(text, "here"))[0].code).toBe("bad-size");
  });

  it("is that of the environment, of the store, or by default 20 GB and at most a tenth of the free disk", () => {
    const store = openStore(temporaryFolder());
    expect(limitsOf(store, 0, {}).maxBytes).toBeLessThanOrEqual(20e9);
    expect(limitsOf(store, 1e12, {}).maxBytes).toBe(20e9);
    writeFileSync(store.path("config.json"), '{ "max_size": "7 GB", "keep_runs": 3 }');
    expect(limitsOf(store, 0, {})).toEqual({ maxBytes: 7e9, keepRuns: 3 });
    expect(limitsOf(store, 0, { SEQLOOM_CACHE_SIZE: "off" })).toEqual({ maxBytes: null, keepRuns: 3 });
  });

  it.each(["[]", "{", '{ "max_sise": "1 GB" }', '{ "max_size": 5 }', '{ "keep_runs": 0 }'])(
    "in config.json as %s is refused",
    (text) => {
      const store = openStore(temporaryFolder());
      writeFileSync(store.path("config.json"), text);
      expect(diagnosticsIn(() => limitsOf(store, 0, {}))[0].code).toBe("bad-store-config");
    },
  );

  it("is looked at when enough has come, once a day, and when the clock went back", async () => {
    const store = openStore(temporaryFolder());
    keep(store, "a", 1000, 5);
    writeFileSync(store.path("config.json"), '{ "max_size": "1500" }');
    expect(isDue(store)).toBe(false);
    keep(store, "b", 1000, 5);
    expect(isDue(store)).toBe(true);
    await collect(store, { now: later() });
    expect(isDue(store, later())).toBe(false);
    expect(isDue(store, later() + 25 * HOUR)).toBe(true);
    expect(isDue(store, later() - 25 * HOUR)).toBe(true);
  });
});

describe("a use", () => {
  it("is noted at most once an hour, and silently not at all in a store that cannot be written", () => {
    const store = openStore(temporaryFolder());
    const key = keep(store, "a", 10, 5);
    noteUses(store, [key]);
    expect(existsSync(store.path("index", "uses.txt"))).toBe(false);
    utimesSync(store.entryPath(key), 1, 1);
    noteUses(store, [key, key, keyNamed("nothing")]);
    noteUses(store, [key]);
    expect(readFileSync(store.path("index", "uses.txt"), "utf8").trim().split("\n")).toHaveLength(1);
    expect(Date.now() - statSync(store.entryPath(key)).mtimeMs).toBeLessThan(HOUR);
  });
});

describe("a run", () => {
  const chain = () =>
    pipelineOf([
      node("rows", fixture("source")),
      node("shout", fixture("upper"), { in: "rows", with: { suffix: "!" } }),
    ]);

  it("collects at its end when the store has become too large, and says so", async () => {
    const store = openStore(temporaryFolder());
    const old = keep(store, "old", 5000, 1);
    utimesSync(store.entryPath(old), 1, 1);
    writeFileSync(store.path("config.json"), '{ "max_size": "4000" }');
    const events: RunEvent[] = [];
    const record = await runPipeline(chain(), { store, listeners: [(event) => events.push(event)] });
    expect(record.status).toBe("succeeded");
    expect(events.find(({ type }) => type === "collected")).toMatchObject({ results: 1, freed: 5000, maxBytes: 4000 });
    expect(store.lookup(old)).toMatchObject({ hit: false, reason: { kind: "entry-evicted" } });
    expect((await runPipeline(chain(), { store })).stages.map(({ status }) => status)).toEqual(["hit", "hit"]);
  });

  it("succeeds with a warning when the limit of the store makes no sense", async () => {
    const store = openStore(temporaryFolder());
    store.begin();
    writeFileSync(store.path("config.json"), '{ "max_size": "huge" }');
    const record = await runPipeline(chain(), { store });
    expect(record.status).toBe("succeeded");
    expect(record.diagnostics).toMatchObject([{ code: "bad-size", severity: "warning" }]);
  });

  it("is not disturbed by others that collect all they can all the time", async () => {
    const folder = temporaryFolder();
    const script = fileURLToPath(new URL("./fixtures/collect-all.mjs", import.meta.url));
    const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      for (let i = 0; i < 5; i++) {
        const names = ["a", "b", "c", "d"];
        const nodes = names.map((name, at) =>
          at === 0
            ? node(name, fixture("source"), { with: { salt: i } })
            : node(name, fixture("upper"), { in: names[at - 1] }),
        );
        const record = await runPipeline(pipelineOf(nodes), { store: openStore(folder) });
        expect(record.stages.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
        expect(record.status).toBe("succeeded");
      }
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    expect(filesUnder(join(folder, "entries")).length).toBeGreaterThan(0);
  });
});
