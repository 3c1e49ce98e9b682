import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWith, seqloom } from "./support.js";

const ROWS = "text,label\ngood,a\nbad,b\nfine,a\n";
const PIPELINE = `seqloom: 1
name: told
params: { kind: words }
stages:
  rows: { use: data/load-csv, with: { files: { train: data/rows.csv }, columns: { text: text, label: label } } }
  clean: { use: ./stages/clean.js, in: rows }
  tokens: { use: text/tokenize, in: clean, with: { kind: "\${params.kind}" } }
`;

const clean = (expression: string) => `import { dataset, defineMap, utf8 } from "seqloom";
import { z } from "zod";
export const clean = defineMap({
  id: "own/clean",
  version: 1,
  description: "Cleans text.",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({}),
  apply: (batch) => batch.with({ text: utf8([...batch.column("text").values].map((text) => ${expression})) }),
});
`;

/** Random, as no stage should be: its first row is not. */
const FICKLE = 'text === "good" ? text : text + Math.random()';

const shared = folderWith(projectWith("text.trim()"), true);
beforeAll(() => exportIn(shared));
afterAll(() => rmSync(shared, { recursive: true, force: true }));

/** A project with a bundle of a run that can be repeated. */
function repeatable(): string {
  const folder = folderWith(projectWith("text.trim()"));
  copyFileSync(join(shared, "run.tar"), join(folder, "run.tar"));
  return folder;
}

function projectWith(expression: string) {
  return { "p.yaml": PIPELINE, "data/rows.csv": ROWS, "stages/clean.js": clean(expression) };
}

function exportIn(folder: string, ...flags: readonly string[]): string {
  expect(seqloom(["run", "p.yaml", "--no-report", "--quiet"], { cwd: folder })).toMatchObject({ code: 0 });
  const { code, err } = seqloom(["runs", "export", "latest", "run.tar", ...flags], { cwd: folder });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return folder;
}

function replay(cwd: string, ...flags: readonly string[]) {
  const { code, out, err } = seqloom(["replay", "run.tar", "--quiet", "--json", ...flags], { cwd });
  return { code, err, told: out === "" ? null : JSON.parse(out) };
}

describe("a run that is exported and run again elsewhere", () => {
  it("comes out the same; a replay that is kept goes on where it was, and no other folder is written to", () => {
    // Another folder, with nothing but the data, the stage and the bundle.
    const elsewhere = repeatable();
    rmSync(join(elsewhere, "p.yaml"));
    const told = seqloom(["replay", "run.tar"], { cwd: elsewhere });
    expect(told.err).toContain("tokens text/tokenize ran");
    expect(told).toMatchObject({ code: 0 });
    expect(told.out).toBe("✓ rows  the same\n✓ clean  the same\n✓ tokens  the same\n\nThe same, stage by stage.\n");
    expect(replay(elsewhere, "--store", "again")).toMatchObject({ code: 0, told: { same: true, divergence: null } });
    expect(replay(elsewhere, "--store", "again")).toMatchObject({ code: 0, told: { same: true } });
    expect(readdirSync(elsewhere).sort()).toEqual(["again", "data", "run.tar", "stages"]);
    mkdirSync(join(elsewhere, "used"));
    writeFileSync(join(elsewhere, "used/mine.txt"), "mine");
    expect(replay(elsewhere, "--store", "used").told.error.diagnostics[0].code).toBe("replay-store-used");
  });

  it("names the first stage whose key differs, and the field: the code of a stage, the content of a file", () => {
    const folder = repeatable();
    writeFileSync(join(folder, "stages/clean.js"), clean("text.toUpperCase()"));
    const { code, told } = replay(folder);
    expect(code).toBe(1);
    expect(told).toMatchObject({
      same: false,
      divergence: { stage: "clean", status: "key", reasons: ["stages/clean.js changed"], outputs: [{ port: "data" }] },
      stages: [
        { stage: "rows", status: "same" },
        { stage: "clean", status: "key" },
        { stage: "tokens", status: "key" },
      ],
    });
    writeFileSync(join(folder, "data/rows.csv"), `${ROWS}new,b\n`);
    const told2 = seqloom(["replay", "run.tar", "-q"], { cwd: folder });
    expect(told2.code).toBe(1);
    expect(told2.out).toContain("First divergence  rows: another key\n  files of train changed: data/rows.csv\n");
  });

  it("says of the same key with another result where the first row differs, when the bundle has the results", () => {
    const folder = exportIn(folderWith(projectWith(FICKLE)), "--with-results");
    const { code, told } = replay(folder);
    expect(code).toBe(1);
    const [output] = told.divergence.outputs;
    expect(told.divergence).toMatchObject({ stage: "clean", status: "output", reasons: [] });
    expect(output.difference).toMatchObject({ where: "row 1, column text", count: 2, of: 3 });
    expect(output.expected).toMatch(/^[0-9a-f]{64}$/);
    expect(output.received).not.toBe(output.expected);
    expect(seqloom(["replay", "run.tar", "-q"], { cwd: folder }).out).toMatch(
      /First divergence {2}clean: the same key, another result\n {2}data: expected [0-9a-f]{12}, received [0-9a-f]{12}\n {2}data: row 1, column text: /,
    );
    // Its results can also be taken into a cache.
    const { out } = seqloom(["cache", "import", "run.tar", "--json"], { cwd: folderWithBundle(folder) });
    expect(JSON.parse(out)).toMatchObject({ results: 3, different: [] });
  });

  it("without results says which digests it expected and received", () => {
    const folder = exportIn(folderWith(projectWith(FICKLE)));
    const [output] = replay(folder).told.divergence.outputs;
    expect(Object.keys(output)).toEqual(["port", "expected", "received"]);
    expect(seqloom(["cache", "import", "run.tar"], { cwd: folder }).out).toContain("no results in this bundle");
  });

  it("tells a file that is not there by name and digest, and a stage that is not there at its line", () => {
    const folder = repeatable();
    renameSync(join(folder, "data"), join(folder, "moved"));
    const [missing] = replay(folder).told.error.diagnostics;
    expect(missing).toMatchObject({ code: "replay-file-missing", stage: "rows" });
    expect(missing.message).toMatch(/"data\/rows\.csv" here; in the run it had the SHA-256 [0-9a-f]{64}$/);
    const [noStage] = replay(folderWithBundle(folder)).told.error.diagnostics;
    expect(noStage).toMatchObject({ code: "file-missing", at: { line: 22 } });
  });

  it("refuses what is no bundle of a run", () => {
    expect(seqloom(["cache", "export", "results.tar"], { cwd: shared }).code).toBe(0);
    const { code, err } = seqloom(["replay", "results.tar"], { cwd: shared });
    expect(code).toBe(1);
    expect(err).toContain("error[no-run-in-bundle]");
    expect(seqloom(["replay", "p.yaml"], { cwd: shared }).err).toContain("error[bundle-refused]");
    expect(seqloom(["runs", "export", "latest", "run.tar"], { cwd: shared }).err).toContain("error[bundle-exists]");
  });
});

/** An empty project with the bundle of another. */
function folderWithBundle(from: string): string {
  const folder = folderWith({});
  renameSync(join(from, "run.tar"), join(folder, "run.tar"));
  return folder;
}
