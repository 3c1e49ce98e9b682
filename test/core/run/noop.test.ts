import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));

const long = (stages: number) =>
  pipelineOf(
    Array.from({ length: stages }, (_, i) =>
      i === 0
        ? node("s0", fixture("source"))
        : node(`s${i}`, fixture("upper"), { in: `s${i - 1}`, with: { suffix: `${i}` } }),
    ),
  );

describe("a run with nothing to do", () => {
  it("loads no schema, no parser, no codec and no stage: built-in modules and the small half of core only", async () => {
    const folder = temporaryFolder();
    const store = join(folder, "store");
    const pipeline = long(20);
    await runPipeline(pipeline, { store: openStore(store) });
    writeFileSync(join(folder, "pipeline.json"), JSON.stringify(pipeline));
    const script = new URL("./fixtures/noop.mjs", import.meta.url).pathname;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        "--import",
        new URL("./fixtures/trace-modules.mjs", import.meta.url).href,
        script,
        join(folder, "pipeline.json"),
        store,
      ],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    const { statuses, modules } = JSON.parse(stdout) as { statuses: string[]; modules: string[] };
    expect(new Set(statuses)).toEqual(new Set(["hit"]));
    const loaded = modules.filter((url) => !url.startsWith("node:") && !url.endsWith("/noop.mjs"));
    const foreign = loaded.filter((url) => !url.includes("/packages/core/dist/"));
    expect(foreign).toEqual([]);
    const names = loaded.map((url) => url.split("/packages/core/dist/")[1]);
    expect(names).toContain("run/run.js");
    for (const name of names)
      expect(name).toMatch(/^(engine\.js|(keys|plan|store|run|diagnostics)\/|artifacts\/(codecs|nan)\.js)/);
    expect(names).not.toContain("run/scheduler.js");
    expect(names.length).toBeLessThan(40);
  });

  it("takes little time, also over 200 stages", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(long(200), { store });
    const started = performance.now();
    const record = await runPipeline(long(200), { store });
    console.log(`a run of 200 hits took ${(performance.now() - started).toFixed(1)} ms`);
    expect(record.stages.every(({ status }) => status === "hit")).toBe(true);
  });
});
