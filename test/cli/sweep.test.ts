import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith, seqloom } from "./support.js";

/** Six points: the reviews and their tokens are the same for all; four kinds of what follows. */
const SWEEP = `seqloom: 1
name: sweep
seed: 1
params: { rows: 40, length: 8, pad: post }
matrix:
  axes: { length: [4, 8, 12], pad: [pre, post] }
stages:
  reviews: { use: data/generate-reviews, with: { rows: "\${params.rows}" } }
  tokens: { use: text/tokenize, in: reviews }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: "\${params.length}", side: "\${params.pad}" } }
`;

interface SweepJson {
  readonly sweep: string;
  readonly status: string;
  readonly points: readonly {
    readonly label: string;
    readonly status: string;
    readonly run: string;
    readonly stages: { readonly run: number; readonly hit: number; readonly failed: number };
    readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  }[];
  readonly report: string | null;
}

function sweepJson(cwd: string, ...args: string[]) {
  const { code, out, err } = seqloom(["run", "sweep.yaml", "--json", "--quiet", ...args], { cwd });
  return { code, err, json: JSON.parse(out) as SweepJson };
}

describe("seqloom run of a file with a matrix", () => {
  it("runs what points share once, though they run side by side, and all of it from the cache the next time", () => {
    const cwd = folderWith({ "sweep.yaml": SWEEP });
    const plan = seqloom(["plan", "sweep.yaml"], { cwd });
    expect(plan.out).toContain("6 points share reviews, tokens, ids; 9 distinct stage runs");
    expect(plan.out).toContain("0 from cache · 9 to run");

    const { code, json } = sweepJson(cwd, "--jobs", "3");
    expect(code).toBe(0);
    expect(json.points.map(({ label }) => label)).toEqual([
      "length=4,pad=pre",
      "length=4,pad=post",
      "length=8,pad=pre",
      "length=8,pad=post",
      "length=12,pad=pre",
      "length=12,pad=post",
    ]);
    expect(json.points.reduce((sum, { stages }) => sum + stages.run, 0)).toBe(9);
    expect(json.points.reduce((sum, { stages }) => sum + stages.hit, 0)).toBe(15);
    expect(readFileSync(json.report ?? "", "utf8")).toContain("6 points");

    const again = sweepJson(cwd, "--no-report").json;
    expect(again.points.every(({ stages }) => stages.run === 0)).toBe(true);
    expect(seqloom(["plan", "sweep.yaml"], { cwd }).out).toContain("9 from cache");
    expect(seqloom(["plan", "sweep.yaml", "--point", "pad=pre"], { cwd }).out).toContain("3 points share");
  });

  it("runs one point by its label, as an ordinary run, and several by some of their values", () => {
    const cwd = folderWith({ "sweep.yaml": SWEEP });
    const one = seqloom(["run", "sweep.yaml", "--point", "length=8,pad=pre", "--json", "-q"], { cwd });
    expect(one.code).toBe(0);
    const run = JSON.parse(one.out) as { readonly run: string };
    const record = JSON.parse(readFileSync(join(cwd, ".seqloom", "runs", run.run, "run.json"), "utf8"));
    expect(record.point).toMatchObject({ label: "length=8,pad=pre", values: { length: 8, pad: "pre" } });
    expect(record.pipeline.params).toEqual({ rows: 40, length: 8, pad: "pre" });
    expect(sweepJson(cwd, "--point", "pad=pre", "--no-report").json.points).toHaveLength(3);
  });

  it("plans a part of every point as it runs it, and says once what keeps a frozen stage from running", () => {
    const cwd = folderWith({ "sweep.yaml": SWEEP });
    const plan = (...args: string[]) => seqloom(["plan", "sweep.yaml", ...args], { cwd });
    expect(plan("ids").out).toContain("6 points share reviews, tokens, ids; 3 distinct stage runs");
    expect(plan("--from=padded").out).toContain("9 distinct stage runs");
    const frozen = plan("--frozen=reviews");
    expect(frozen.code).toBe(1);
    expect(frozen.err.match(/error\[frozen-stage\]/g)).toHaveLength(1);
    expect(frozen.out).toContain("1 cannot run");
    expect(plan("--only=reviews", "--from=ids").err).toContain("--only and --from exclude");

    expect(sweepJson(cwd, "--until=ids", "--no-report").json.points.map(({ stages }) => stages.run)).toContain(3);
    expect(plan("--until=ids").out).toContain("3 from cache");
    expect(plan("--until=ids", "--force").out).toContain("3 to run");
    expect(plan("--only=padded").out).toContain("6 to run");
    expect(seqloom(["run", "sweep.yaml", "--dry", "--until=ids"], { cwd }).out).toContain("3 distinct stage runs");
  });

  it("says which points there are when there is no such point", () => {
    const cwd = folderWith({ "sweep.yaml": SWEEP });
    const { code, err } = seqloom(["run", "sweep.yaml", "--point", "lenght=8"], { cwd });
    expect(code).toBe(1);
    expect(err).toContain('Did you mean "length"?');
    expect(seqloom(["graph", "sweep.yaml", "--point", "length=8"], { cwd }).err).toContain("names 2 points");
  });

  it("goes on when a point fails, exits with 1, and starts no more after --max-failures", () => {
    const failing = SWEEP.replace("rows: 40,", 'rows: 40, file: "one.csv",')
      .replace(/axes: .*/, `axes: { file: [one.csv, three.csv, two.csv] }`)
      .replace(
        "reviews: {",
        'other: { use: data/load-csv, with: { files: { train: "${params.file}" }, columns: { text: text, label: label } } }\n  reviews: {',
      );
    const cwd = folderWith({ "sweep.yaml": failing, "two.csv": "text,label\na,b\nc,d\n" });
    const { code, err, json } = sweepJson(cwd, "--no-report", "--jobs", "1");
    expect(code).toBe(1);
    expect(json.status).toBe("failed");
    expect(json.points.map(({ status }) => status)).toEqual(["failed", "failed", "succeeded"]);
    expect(err).toContain("file=one.csv failed:");
    const stopped = sweepJson(cwd, "--no-report", "--jobs", "1", "--max-failures", "1");
    expect(stopped.json.points[2].status).toBe("skipped");
  });

  it("keeps a record of the sweep, and of every point as a run of its own", () => {
    const cwd = folderWith({ "sweep.yaml": SWEEP });
    const { json } = sweepJson(cwd, "--no-report");
    const runs = join(cwd, ".seqloom", "runs");
    const record = JSON.parse(readFileSync(join(runs, json.sweep, "sweep.json"), "utf8"));
    expect(record.matrix.axes).toEqual({ length: [4, 8, 12], pad: ["pre", "post"] });
    for (const { run } of json.points) expect(existsSync(join(runs, run, "run.json"))).toBe(true);
  });
});
