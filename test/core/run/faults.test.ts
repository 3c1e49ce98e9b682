import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { AnyStage } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { checkStore, collect } from "@seqloom/core/store";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { filesUnder } from "../store/support.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));
const path = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** Three stages that run in the process itself, so that every call of the file system is made there. */
const here = (name: string) => ({ definition: fixture(name).definition, module: null });
const pipeline = pipelineOf([
  node("rows", here("source")),
  node("shout", here("upper"), { in: "rows" }),
  node("count", here("rowCount"), { in: "shout" }),
]);
const definitions = new Map<string, AnyStage>([
  ["rows", fixture("source").definition],
  ["shout", fixture("upper").definition],
  ["count", fixture("rowCount").definition],
]);

const program = (folder: string, ...rest: readonly string[]): string[] => {
  const file = join(folder, "pipeline.json");
  writeFileSync(file, JSON.stringify(pipeline));
  return ["--import", path("break-files.mjs"), path("run-with-faults.mjs"), file, ...rest];
};

/** What an undisturbed run gives. */
async function digestsOf(directory: string): Promise<readonly string[][]> {
  const record = await runPipeline(pipeline, { store: openStore(directory), definitions });
  expect(record.status).toBe("succeeded");
  return record.stages.map(({ outputs }) => Object.values(outputs).map(({ digest }) => digest));
}

/** The calls that change the store which one run makes. */
function callsOfRun(): string[] {
  const folder = temporaryFolder();
  const { stdout } = spawnSync(process.execPath, program(folder, join(folder, "store"), "kill", "1000000"), {
    encoding: "utf8",
  });
  return JSON.parse(stdout);
}

/** Whether a run was killed; false if it was over, and had succeeded, before it came to the call. */
async function dies(parameters: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(process.execPath, parameters);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ signal: "SIGKILL" });
    return true;
  }
}

describe("a run in which a call of the file system goes wrong", () => {
  it.each([
    ["ENOSPC", "disk-full"],
    ["EIO", "disk-error"],
    ["EACCES", "store-not-writable"],
  ])(
    "with %s, wherever it is: says so or does without, and the next run is right",
    async (kind, code) => {
      const folder = temporaryFolder();
      const expected = await digestsOf(join(folder, "reference"));
      const { stdout } = await promisify(execFile)(process.execPath, program(folder, join(folder, "stores"), kind));
      const points = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(points.length).toBeGreaterThan(50);
      for (const { at, first, codes, second, digests } of points) {
        expect({ at, codes: codes.filter((one: string) => one !== code) }).toEqual({ at, codes: [] });
        expect({ at, told: first === "succeeded" || codes.length > 0 }).toEqual({ at, told: true });
        expect({ at, second, digests }).toEqual({ at, second: "succeeded", digests: expected });
      }
      expect(points.filter(({ first }) => first === "failed").length).toBeGreaterThan(10);
    },
    180_000,
  );

  it.each(["kill", "torn"])(
    "with kill -9 (%s), wherever it is: the next run is right, and nothing is left of the dead one",
    { timeout: 180_000 },
    async (kind) => {
      const folder = temporaryFolder();
      const expected = await digestsOf(join(folder, "reference"));
      const calls = callsOfRun();
      expect(calls.length).toBeGreaterThan(50);
      // Only what writes can be torn. Of the rest every fourth: the tests of commit kill at every call of theirs.
      const points = calls.flatMap((call, at) =>
        (kind === "kill" ? at % 4 === 0 : call.startsWith("writeFile")) ? [at] : [],
      );
      const finished: number[] = [];
      const worker = async (): Promise<void> => {
        for (let at = points.shift(); at !== undefined; at = points.shift()) {
          const directory = join(folder, `${kind}-${at}`);
          mkdirSync(directory);
          if (!(await dies(program(folder, directory, kind, String(at))))) finished.push(at);
          expect({ at, digests: await digestsOf(directory) }).toEqual({ at, digests: expected });
          await collect(openStore(directory));
          expect({ at, left: filesUnder(join(directory, "tmp")) }).toEqual({ at, left: [] });
          expect((await checkStore(openStore(directory))).damaged).toEqual([]);
        }
      };
      await Promise.all([worker(), worker()]);
      // On a busy machine a run can make a few calls fewer, and be over before it comes to the last of these points.
      expect(finished.filter((at) => at < calls.length - 8)).toEqual([]);
    },
  );
});
