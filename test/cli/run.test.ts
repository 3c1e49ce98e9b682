import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith, SMALL, seqloom, TRAINING } from "./support.js";

const DIGEST = /^[0-9a-f]{64}$/;

interface StageJson {
  readonly name: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly ms: number;
  readonly outputs: Readonly<Record<string, string>>;
}

interface RunJson {
  readonly run: string;
  readonly seconds: number;
  readonly stages: readonly StageJson[];
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly report: string | null;
  readonly error?: { readonly diagnostics: readonly { readonly code: string }[] };
}

function runJson(cwd: string, ...args: string[]): { readonly code: number | null; readonly json: RunJson } {
  const { code, out } = seqloom(["run", "pipeline.yaml", "--json", "--quiet", ...args], { cwd });
  return { code, json: JSON.parse(out) as RunJson };
}

const statuses = ({ stages }: RunJson) => Object.fromEntries(stages.map(({ name, status }) => [name, status]));

describe("seqloom run --json", () => {
  it("prints exactly one object: the run, its stages with digests, the metrics, the report", () => {
    const cwd = folderWith({ "pipeline.yaml": TRAINING });
    const { code, json } = runJson(cwd);
    expect(code).toBe(0);
    expect(json.run).toMatch(/^[0-9A-Z]{26}$/);
    expect(json.seconds).toBeGreaterThan(0);
    expect(json.stages.map(({ name }) => name)).toEqual([
      "reviews",
      "clean",
      "tokens",
      "ids",
      "padded",
      "model",
      "scores",
    ]);
    for (const { status, reasons, ms, outputs } of json.stages) {
      expect({ status, reasons }).toEqual({ status: "run", reasons: ["never run before"] });
      expect(ms).toBeGreaterThan(0);
      for (const digest of Object.values(outputs)) expect(digest).toMatch(DIGEST);
    }
    expect(Object.keys(json.stages[5].outputs)).toEqual(["data", "state", "report"]);
    expect(json.metrics.scores.accuracy).toBeGreaterThan(0);
    expect(readFileSync(json.report ?? "", "utf8")).toContain("<h2>Results</h2>");
  });

  it("takes everything from the cache the second time, and hands out the same report", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    const first = runJson(cwd).json;
    const second = runJson(cwd).json;
    expect(statuses(second)).toEqual({ reviews: "hit", clean: "hit", tokens: "hit" });
    expect(second.stages.map(({ outputs }) => outputs)).toEqual(first.stages.map(({ outputs }) => outputs));
    expect(second.report).toBe(first.report);
    expect(second.run).not.toBe(first.run);
  });

  it("draws the report again when it is gone", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    const path = runJson(cwd).json.report ?? "";
    rmSync(path);
    const again = runJson(cwd).json.report ?? "";
    expect(again).not.toBe(path);
    expect(existsSync(again)).toBe(true);
  });

  it("runs only what depends on a parameter that changed, and says why", () => {
    const cwd = folderWith({ "pipeline.yaml": TRAINING });
    runJson(cwd);
    const { json } = runJson(cwd, "--set", "params.units=5");
    expect(statuses(json)).toMatchObject({ reviews: "hit", padded: "hit", model: "run", scores: "run" });
    expect(json.stages[5].reasons).toEqual(["with.layers[1].lstm.units 4 → 5"]);
    expect(json.stages[6].reasons[0]).toMatch(/^input data changed/);
  });

  it("lets --seed change the stages that use randomness", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    runJson(cwd);
    expect(runJson(cwd, "--seed", "2").json.stages[0]).toMatchObject({ status: "run" });
  });

  it("runs again what --force names, or all", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    runJson(cwd);
    expect(statuses(runJson(cwd, "--force=clean").json)).toEqual({ reviews: "hit", clean: "run", tokens: "hit" });
    expect(runJson(cwd, "--force").json.stages.map(({ reasons }) => reasons)).toEqual([
      ["forced"],
      ["forced"],
      ["forced"],
    ]);
  });

  it("draws no report with --no-report", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    expect(runJson(cwd, "--no-report").json.report).toBeNull();
  });

  it("tells of a stage that fails: exit code 1, its diagnostics, and what was skipped", () => {
    const yaml = `seqloom: 1
stages:
  rows: { use: data/load-csv, with: { files: data.csv, columns: { text: text, label: label } } }
  clean: { use: text/normalise, in: rows }
`;
    const cwd = folderWith({ "pipeline.yaml": yaml, "data.csv": 'text,label\n"never closed,good\n' });
    const { code, json } = runJson(cwd);
    expect(code).toBe(1);
    expect(statuses(json)).toEqual({ rows: "failed", clean: "skipped" });
    expect(json.error?.diagnostics[0]).toMatchObject({ severity: "error", at: { line: 2 } });
  });

  it("tells of a file that does not compile in one object with all its problems", () => {
    const cwd = folderWith({ "pipeline.yaml": "seqloom: 1\nstages:\n  a: { use: text/normalize }\n" });
    const { code, json } = runJson(cwd);
    expect(code).toBe(1);
    expect(json.error?.diagnostics[0]).toMatchObject({ code: "unknown-stage", at: { line: 3 } });
  });
});

describe("seqloom run", () => {
  it("puts results on standard output and everything else on standard error, without colours in a pipe", () => {
    const cwd = folderWith({ "pipeline.yaml": TRAINING });
    const { code, out, err } = seqloom(["run", "pipeline.yaml"], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/Stages {2}7 ran, 7 in all\n {2}Time {2}.+\n\n +scores\naccuracy +0\.\d{4}\n/);
    expect(out).toMatch(/Report {2}\.seqloom\/runs\/[0-9A-Z]{26}\/report\.html\n$/);
    expect(err).toContain("▶ model models/train started, new\n");
    expect(err).toMatch(/ {2}model epoch 2\/2 {2}loss 0\.\d+ {2}accuracy 0\.\d+ {2}val_loss/);
    expect(err).toMatch(/● model models\/train ran /);
    expect(out + err).not.toContain("\u001b");
  });

  it("says FULL CACHE when nothing ran, and how much time that saved", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    seqloom(["run", "pipeline.yaml"], { cwd });
    const { out, err } = seqloom(["run", "pipeline.yaml"], { cwd });
    expect(out).toMatch(/Stages {2}3 from cache, 3 in all\n {2}Time {2}.* · saved .* · FULL CACHE/);
    expect(err).toContain("✓ tokens text/tokenize from cache");
  });

  it("says nothing on the way with --quiet", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    const { out, err } = seqloom(["run", "pipeline.yaml", "--quiet"], { cwd });
    expect(err).toBe("");
    expect(out).toMatch(/^Stages {2}3 ran/);
  });

  it("has colours when FORCE_COLOR asks for them, but never against NO_COLOR", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    expect(seqloom(["run", "pipeline.yaml"], { cwd, env: { FORCE_COLOR: "1" } }).out).toContain("\u001b[");
    const { out, err } = seqloom(["run", "pipeline.yaml"], { cwd, env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(out + err).not.toContain("\u001b");
  });

  it("shows the place of a mistake in the file", () => {
    const cwd = folderWith({ "pipeline.yaml": "seqloom: 1\nstages:\n  a: { use: text/normalize }\n" });
    const { code, out, err } = seqloom(["run", "pipeline.yaml"], { cwd });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/pipeline\.yaml:3:\d+[\s\S]*text\/normalise/);
  });

  it("keeps its results where SEQLOOM_HOME says", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    const home = join(cwd, "elsewhere");
    const { out } = seqloom(["run", "pipeline.yaml"], { cwd, env: { SEQLOOM_HOME: home } });
    expect(out).toContain("Report  elsewhere/runs/");
    expect(existsSync(join(cwd, ".seqloom"))).toBe(false);
  });

  it("loads neither the YAML parser nor schemas nor charts when there is nothing to do", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    seqloom(["run", "pipeline.yaml"], { cwd });
    // Node's own trace of what it loads; a package on this list costs every cached run its loading time.
    const trace = folderWith({
      "hook.mjs": `import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(\`
  export async function load(url, context, next) {
    if (url.startsWith("file:")) process._rawDebug("LOADED " + url);
    return next(url, context);
  }\`));`,
    });
    const { code, err } = seqloom(["run", "pipeline.yaml", "--json", "--quiet"], {
      cwd,
      env: { NODE_OPTIONS: `--import ${join(trace, "hook.mjs")}` },
    });
    const loaded = err.split("\n").filter((line) => line.startsWith("LOADED "));
    expect(code).toBe(0);
    expect(loaded.length).toBeGreaterThan(10);
    expect(loaded.filter((line) => /\.pnpm|node_modules/.test(line))).toEqual([]);
    expect(loaded.length).toBeLessThan(50);
  });
});
