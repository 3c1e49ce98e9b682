import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { openStore, readRun, runPipeline } from "@seqloom/core/engine";
import { usageOf } from "@seqloom/core/store";
import { writeReport } from "@seqloom/report";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { filesUnder } from "../store/support.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));

/** What a program may call a stage or a pipeline, and a file system could take for a path. */
const NAMES = [
  "../../../outside",
  "/etc/passwd",
  "a/b\\c",
  "NUL",
  "with\0nul",
  "🧵🪡",
  "__proto__",
  "<script>alert(1)</script>",
  "x".repeat(300),
];

describe("names of stages and pipelines that look like paths, or like nothing", () => {
  it.each(NAMES)("%j: are no file names, and are told as they are", async (name) => {
    const folder = temporaryFolder();
    const store = openStore(join(folder, "store"));
    const pipeline = pipelineOf([node(name, fixture("source"))], { name });
    const record = await runPipeline(pipeline, { store });
    expect(record.stages.map((stage) => [stage.name, stage.status])).toEqual([[name, "run"]]);
    const again = await runPipeline(pipeline, { store });
    expect(again.stages.map(({ status }) => status)).toEqual(["hit"]);
    expect(readRun(store, record.run).stages[0].name).toBe(name);
    expect((await usageOf(store)).pipelines.map((line) => line.name)).toEqual([name]);
    const report = store.path("runs", record.run, "report.html");
    await writeReport(record, report);
    expect(readFileSync(report, "utf8")).not.toContain("<script>alert(1)");
    for (const path of filesUnder(folder)) {
      expect(path).toMatch(/^store\/[\w./-]+$/);
      expect(basename(path).length).toBeLessThan(100);
    }
  });
});
