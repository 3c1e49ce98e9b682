import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, type RunOptions, runPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { isSettled } from "../../../packages/core/dist/files/settled.js";
import { LookAhead } from "../../../packages/core/dist/run/look-ahead.js";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));
const LARGE = 65 << 20;

/** A file of zeros that takes no room on the disk, some time after it was written. */
async function zeros(size: number) {
  const directory = temporaryFolder();
  const path = join(directory, "data");
  writeFileSync(path, "");
  truncateSync(path, size);
  const now = () => BigInt(Date.now()) * 1_000_000n;
  while (!isSettled(statSync(path, { bigint: true }), now())) await new Promise((resolve) => setTimeout(resolve, 5));
  const marks = join(directory, "marks");
  const pipeline = (more: object = {}) =>
    pipelineOf([node("vast", fixture("vast"), { with: { path: "data", marks, ...more } })], { directory });
  const store = openStore(join(directory, "store"));
  const run = async (more: object = {}, options: Partial<RunOptions> = {}) => {
    const record = await runPipeline(pipeline(more), { store, concurrency: 2, ...options });
    expect(record.status).toBe("succeeded");
    expect(readdirSync(join(directory, "store", "tmp"))).toEqual([]);
    return record.stages[0].outputs.data;
  };
  /** When pieces were looked for since the last time: before the digest was known, or after. */
  const looked = () => {
    const text = readFileSync(marks, "utf8");
    rmSync(marks);
    return text.trim().split("\n");
  };
  return { path, pipeline, store, run, looked };
}

describe("pieces of a large new file", () => {
  it("are found while its digest is computed, once, and the result is the same", async () => {
    const { run, looked } = await zeros(LARGE);
    const ahead = await run();
    expect(looked()).toEqual(["early"]);
    expect(ahead.files).toHaveLength(3);
    expect(await run({}, { concurrency: 1, force: true })).toMatchObject({ digest: ahead.digest });
    expect(looked()).toEqual(["known"]);
  });

  it("are found anew, from where it stopped, when their stage wants the digest after all", async () => {
    const { run, looked } = await zeros(LARGE);
    const ahead = await run({ asks: true });
    expect(looked()).toEqual(["early", "known"]);
    expect(ahead.files).toHaveLength(3);
    expect(await run({ asks: true }, { concurrency: 1, force: true })).toMatchObject({ digest: ahead.digest });
  });

  it("are not looked for where the digest is known already, or the file is small", async () => {
    const large = await zeros(LARGE);
    await large.run({}, { concurrency: 1 });
    await large.run({ rows: "other" });
    expect(large.looked()).toEqual(["known", "known"]);
    const small = await zeros(1000);
    await small.run();
    expect(small.looked()).toEqual(["known"]);
  });

  it("are of no use when the file changed meanwhile, nor for another stage", async () => {
    const { path, pipeline, store } = await zeros(LARGE);
    const {
      directory,
      nodes: [vast],
    } = pipeline();
    const file = { group: "files", path, pattern: "data" };
    const { signal } = new AbortController();
    const scope = { directory, store, device: "cpu", threads: undefined, signal };
    const ahead = await LookAhead.begin(vast, file, scope);
    expect(ahead?.follow(pipeline().nodes[0], () => {})).toBeNull();
    writeFileSync(path, "other");
    expect(ahead?.follow(vast, () => {})).toBeNull();
    await ahead?.close();
    expect(readdirSync(store.path("tmp"))).toEqual([]);
    // As if it had been written this moment: a later write might not be seen.
    const later = new Date(Date.now() + 60_000);
    utimesSync(path, later, later);
    expect(await LookAhead.begin(vast, file, scope)).toBeNull();
  });
});
