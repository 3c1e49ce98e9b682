import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

/** Runs a fixture in a process of its own, and reads the JSON of its last line. */
function traced(fixture: string, ...args: readonly string[]): { statuses: string[]; modules: string[] } {
  const folder = new URL("./fixtures/", import.meta.url);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", new URL("trace-modules.mjs", folder).href, fileURLToPath(new URL(fixture, folder)), ...args],
    { encoding: "utf8" },
  );
  if (fixture === "noop.mjs") expect(stderr).toBe("");
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describe("a run with nothing to do", () => {
  it("loads no schema, no parser, no codec and no stage: built-in modules and the small half of core only", async () => {
    const folder = temporaryFolder();
    const store = join(folder, "store");
    const pipeline = long(20);
    await runPipeline(pipeline, { store: openStore(store) });
    writeFileSync(join(folder, "pipeline.json"), JSON.stringify(pipeline));
    const { statuses, modules } = traced("noop.mjs", join(folder, "pipeline.json"), store);
    expect(new Set(statuses)).toEqual(new Set(["hit"]));
    const loaded = modules.filter((url) => !url.startsWith("node:") && !url.endsWith("/noop.mjs"));
    const foreign = loaded.filter((url) => !url.includes("/packages/core/dist/"));
    expect(foreign).toEqual([]);
    const names = loaded.map((url) => url.split("/packages/core/dist/")[1]);
    expect(names).toContain("run/run.js");
    for (const name of names)
      expect(name).toMatch(/^(start\.js|(keys|plan|store|run|diagnostics)\/|artifacts\/(codecs|nan)\.js)/);
    expect(names).not.toContain("run/scheduler.js");
    expect(names.length).toBeLessThan(30);
  });

  it("loads no sweep, no command but run, and nothing but its own modules, as a command too", () => {
    const file = join(temporaryFolder(), "pipeline.yaml");
    writeFileSync(file, "seqloom: 1\nstages:\n  a: { use: data/generate-reviews, with: { rows: 20 } }\n");
    traced("noop-cli.mjs", file);
    const { modules } = traced("noop-cli.mjs", file);
    const loaded = modules.filter((url) => !url.startsWith("node:") && !url.endsWith("/noop-cli.mjs"));
    const names = loaded.map((url) => url.split("/packages/")[1] ?? url);
    expect(names).toContain("core/dist/run/run.js");
    for (const name of names) expect(name).toMatch(/^(core|cli|report)\/dist\//);
    expect(names.filter((name) => /sweep|yaml|registry|engine|problems|explain/.test(name))).toEqual([]);
    expect(names.filter((name) => name.includes("/commands/")).sort()).toEqual([
      "cli/dist/commands/index.js",
      "cli/dist/commands/run.js",
    ]);
    expect(names.length).toBeLessThan(46);
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
