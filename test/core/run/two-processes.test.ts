import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RunEvent, StageResult } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./fixtures/coordinator.mjs", import.meta.url));

interface Told {
  readonly events: readonly RunEvent[];
  readonly stages: readonly Pick<StageResult, "name" | "status" | "diagnostics">[];
}

/** Runs a pipeline in a process of its own. */
function coordinator(
  pipeline: string,
  store: string,
  start: string,
  env: Readonly<Record<string, string>>,
): Promise<Told> {
  const child = spawn(process.execPath, [SCRIPT, pipeline, store, start], { env: { ...process.env, ...env } });
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.pipe(process.stderr);
  return new Promise((resolve) =>
    child.on("close", () => {
      const lines = out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      resolve({ events: lines.slice(0, -1), stages: lines.at(-1).stages });
    }),
  );
}

/** Two processes run four stages of half a second in one store; each stage leaves a mark. */
async function race(env: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  const mark = join(folder, "marks");
  const names = ["a", "bb", "ccc", "dddd"];
  const pipeline = pipelineOf(
    names.map((name, i) => node(name, fixture("busy"), { with: { ms: 500, mark, salt: i }, in: {} })),
  );
  const file = join(folder, "pipeline.json");
  writeFileSync(file, JSON.stringify(pipeline));
  const ending = Promise.all([1, 2].map(() => coordinator(file, join(folder, "store"), join(folder, "start"), env)));
  // Both begin when both can: else the first might be done before the other is there.
  const ready = () => readdirSync(folder).filter((name) => name.startsWith("start."));
  while (ready().length < 2) await sleep(5);
  writeFileSync(join(folder, "start"), "");
  const both = await ending;
  return { both, marks: readFileSync(mark, "utf8").trim().split("\n").length, stages: names.length };
}

describe("two processes that run the same pipeline in the same store", () => {
  it.each([["socket"], ["lease"]])("compute every stage once, and one waits for the other (%s)", async (way) => {
    const { both, marks, stages } = await race({ SEQLOOM_LOCKS: way });
    const results = both.flatMap((one) => one.stages);
    expect(results.map(({ status }) => status).sort()).toEqual([
      ...Array(stages).fill("hit"),
      ...Array(stages).fill("run"),
    ]);
    expect(marks).toBe(stages);
    const waits = both.flatMap(({ events }) => events).filter(({ type }) => type === "stage-waiting");
    expect(waits.length).toBeGreaterThan(0);
    expect(waits[0]).toMatchObject({
      holder: { pid: expect.any(Number), run: expect.stringMatching(/^[0-9A-Z]{26}$/) },
    });
  });

  it("are both right without locks too", async () => {
    const { both } = await race({ SEQLOOM_LOCKS: "off" });
    for (const { status, diagnostics } of both.flatMap((one) => one.stages)) {
      expect(["hit", "run"]).toContain(status);
      expect(diagnostics).toEqual([]);
    }
  });
});
