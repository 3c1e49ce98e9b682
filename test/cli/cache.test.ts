import { chmodSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, openStore, readRun } from "@seqloom/core/engine";
import { openLocker } from "@seqloom/core/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWith, seqloom, startSeqloom } from "./support.js";

/** Two stages that take milliseconds. */
const TINY = `seqloom: 1
name: tiny
stages:
  rows: { use: data/load-csv, with: { files: rows.csv, columns: { text: text } } }
  tokens: { use: text/tokenize, in: rows }
`;

let folder = "";

beforeAll(() => {
  folder = folderWith({ "tiny.yaml": TINY, "rows.csv": "text\nOne fine day\nand another\n" }, true);
  const { code, err } = seqloom(["run", "tiny.yaml", "--quiet", "--no-report"], { cwd: folder });
  if (code !== 0) throw new Error(err);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const call = (...args: string[]) => seqloom(args, { cwd: folder });
const json = (...args: string[]) => JSON.parse(call(...args, "--json").out);
const store = () => openStore(join(folder, ".seqloom"));

/** The path of the file that a stage gave. */
function blobOf(stage: string): string {
  const result = readRun(store(), json("runs").runs[0].run).stages.find(({ name }) => name === stage);
  const [output] = Object.values(result?.outputs ?? {}) as Entry["outputs"][string][];
  return store().blobPath(output.files[0].digest);
}

describe("seqloom cache", () => {
  it("alone shows its commands; a command that there is not is a usage error", () => {
    expect(call("cache").code).toBe(2);
    expect(call("cache").out).toContain("cache du");
    const { code, err } = call("cache", "dv");
    expect([code, err]).toEqual([2, expect.stringContaining('there is no command "cache dv"')]);
    expect(call("help", "cache", "du").out).toBe(call("cache", "du", "--help").out);
  });
});

describe("seqloom cache du", () => {
  it("says what takes the space, by stage and by pipeline", () => {
    const usage = json("cache", "du");
    expect(usage).toMatchObject({ results: 2, downloads: 0, quarantine: 0 });
    expect(usage.stages.map(({ name }: { name: string }) => name).sort()).toEqual(["data/load-csv", "text/tokenize"]);
    expect(usage.pipelines).toEqual([
      { name: "tiny", results: 2, bytes: usage.blobs, computeMs: usage.pipelines[0].computeMs },
    ]);
    expect(usage.total).toBe(usage.blobs + usage.other);
    expect(call("cache", "du").out).toMatch(/in 2 results[\s\S]*Stage +Results +Size +Time to make\n[\s\S]*Pipeline/);
  });
});

describe("seqloom cache verify", () => {
  it("finds nothing in a sound store", () => {
    expect(json("cache", "verify")).toMatchObject({ results: 2, damaged: [] });
    expect(call("cache", "verify").code).toBe(0);
  });

  it("finds a file whose content was changed, sets it aside, and the next run mends it", () => {
    const blob = blobOf("rows");
    const before = readFileSync(blob);
    chmodSync(blob, 0o644);
    writeFileSync(
      blob,
      before.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
    );
    const { code, out } = call("cache", "verify");
    expect(code).toBe(1);
    expect(out).toMatch(/✗ data\/load-csv [0-9a-f]{12} {2}data\/data\.arrow has other content than was stored/);
    expect(json("cache", "du")).toMatchObject({ results: 1, quarantine: expect.any(Number) });
    expect(call("run", "tiny.yaml", "--no-report").code).toBe(0);
    expect(readFileSync(blob)).toEqual(before);
    expect(json("cache", "verify")).toMatchObject({ results: 2, damaged: [] });
  });
});

describe("seqloom cache gc", () => {
  it("frees nothing that the last runs need, and says so when that is more than the limit", () => {
    const { code, out } = call("cache", "gc", "--dry", "--max-size", "0");
    expect(code).toBe(0);
    expect(out).toMatch(/^Would free 0 B; [\d.]+ kB would stay \(limit 0 B\)\n[\d.]+ kB of it stay whatever the limit/);
    expect(json("cache", "gc", "--dry")).toMatchObject({ dry: true, evicted: [], freed: 0 });
  });

  it("lists what goes, with what it costs to make again", () => {
    const runs = store().path("runs");
    const pinned = json("runs").runs[0].run;
    rmSync(runs, { recursive: true });
    const path = join(folder, ".seqloom", "entries");
    for (const file of readdirSync(path, { recursive: true, encoding: "utf8" })) utimesSync(join(path, file), 1, 1);
    expect(call("cache", "gc", "--max-size", "1").out).toMatch(
      /^Goes +Size +Time to make +Uses +Last used\n(\S+ +[0-9a-f]{12} .* 1970-01-01 00:00:01 UTC\n){2}\nFreed/,
    );
    expect(call("run", "tiny.yaml", "--no-report").err).toContain("collected on");
    expect(call("cache", "pin", pinned).err).toContain("unknown-run");
  });

  it("is refused a size that is none", () => {
    const { code, err } = call("cache", "gc", "--max-size", "plenty");
    expect([code, err]).toEqual([1, expect.stringContaining('--max-size is "plenty", which is no size')]);
  });
});

describe("seqloom cache pin", () => {
  it("keeps the results of a run until unpin", () => {
    const [{ run }] = json("runs").runs;
    expect(call("cache", "pin", "latest").err).toBe(`Run ${run} is pinned: its results stay.\n`);
    expect(json("cache", "du").pinned).toEqual([run]);
    expect(call("cache", "unpin", run.slice(0, 20)).code).toBe(0);
    expect(json("cache", "du").pinned).toEqual([]);
    expect(call("cache", "unpin", run).err).toContain("is not pinned");
  });
});

describe("seqloom cache locks", () => {
  it("says when nothing is computed", () => {
    const { code, out, err } = call("cache", "locks");
    expect({ code, out, err }).toEqual({ code: 0, out: "", err: "Nothing is being computed in this store.\n" });
  });

  it("shows who computes what, and how far it is", async () => {
    const since = "2025-01-01T12:00:00.000Z";
    const holder = { pid: 12, host: "box", run: "01RUN", stage: "model", since, progress: null };
    const lock = await openLocker(store())?.attempt("0123456789abcdef", holder);
    lock?.tell("epoch 2/6");
    const { out } = await startSeqloom(["cache", "locks"], { cwd: folder }).ended;
    expect(out.split("\n")[1]).toMatch(/^0123456789ab +model +01RUN +12 on box +2025-01-01 12:00:00 UTC +epoch 2\/6$/);
    // This process, which has the lock, cannot answer while it waits for the command.
    expect(json("cache", "locks").locks).toEqual([{ name: "0123456789abcdef", holder: null }]);
    await lock?.release();
  });
});
