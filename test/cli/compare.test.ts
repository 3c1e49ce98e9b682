import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderWith, SMALL, seqloom } from "./support.js";

const cwd = folderWith({ "pipeline.yaml": SMALL }, true);
const call = (...args: string[]) => seqloom([...args], { cwd });

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly run: string; readonly rows: number; readonly tag: string }[];
}
const table = (...args: string[]) => JSON.parse(call("runs", "table", "pipeline.yaml", "--json", ...args).out) as Table;

beforeAll(() => {
  for (const rows of [40, 60, 50]) call("run", "pipeline.yaml", "-q", "--no-report", "--set", `params.rows=${rows}`);
  call("run", "pipeline.yaml", "-q", "--no-report", "--set", "params.rows=50");
});

describe("seqloom runs table", () => {
  it("has runs with the same results once, the newest first, and only columns that differ", () => {
    const { columns, rows } = table();
    expect(columns).toEqual(["run", "rows", "seconds"]);
    expect(rows.map((row) => row.rows)).toEqual([50, 60, 40]);
    expect(table("--all").rows).toHaveLength(4);
  });

  it("sorts, chooses and cuts", () => {
    expect(table("--sort", "-params.rows").rows.map((row) => row.rows)).toEqual([60, 50, 40]);
    expect(table("--where", "rows>=50", "--sort", "rows").rows.map((row) => row.rows)).toEqual([50, 60]);
    expect(table("--where", "rows!=50", "--limit", "1").rows.map((row) => row.rows)).toEqual([60]);
    expect(call("runs", "table", "pipeline.yaml", "--columns", "rows,status", "--csv", "--sort", "rows").out).toBe(
      "rows,status\n40,succeeded\n50,succeeded\n60,succeeded\n",
    );
    expect(call("runs", "table", "pipeline.yaml", "--columns", "rows", "--md", "--where", "rows=40").out).toBe(
      "| rows |\n| ---: |\n| 40 |\n",
    );
  });

  it("says what is wrong with a column or a condition", () => {
    expect(call("runs", "table", "pipeline.yaml", "--sort", "row").err).toContain('Did you mean "rows"?');
    expect(call("runs", "table", "pipeline.yaml", "--where", "rows").err).toContain("is not NAME=VALUE");
  });
});

describe("tags", () => {
  it("name a run wherever a run is named, until they are taken away", () => {
    expect(call("runs", "tag", "latest~2", "sixty", "pipeline.yaml").code).toBe(0);
    expect(table("--where", "tag=sixty").rows.map((row) => row.rows)).toEqual([60]);
    expect(call("runs", "show", "sixty", "pipeline.yaml").out).toContain("sixty");
    expect(call("runs", "pipeline.yaml").out).toContain("sixty");
    expect(call("runs", "untag", "sixty", "sixty", "pipeline.yaml").code).toBe(0);
    expect(call("runs", "show", "sixty", "pipeline.yaml").code).toBe(1);
    expect(call("runs", "tag", "latest", "../up", "pipeline.yaml").err).toContain("error[tag-name]");
  });
});

describe("seqloom diff", () => {
  it("says which parameters, stages and inputs differ, and why", () => {
    const { out } = call("diff", "latest~3", "latest", "pipeline.yaml");
    expect(out).toMatch(/rows +40 +50/);
    expect(out).toContain("≠ reviews  with.rows 40 → 50");
    expect(out).toContain("≠ clean  input data changed");
    expect(call("diff", "latest", "latest~1", "pipeline.yaml").out).toContain("Nothing is different.");
    const json = JSON.parse(call("diff", "latest~3", "latest", "pipeline.yaml", "--json").out);
    expect(json.params).toEqual([{ name: "rows", before: 40, after: 50 }]);
  });
});

describe("seqloom trace", () => {
  it("goes back from a stage, a digest or a file to the files it came from", () => {
    const folder = folderWith({
      "data.csv": "text,label\ngood,a\nbad,b\n",
      "pipeline.yaml":
        "seqloom: 1\nstages:\n  rows: { use: data/load-csv, with: { files: { train: data.csv }, columns: { text: text, label: label } } }\n  words: { use: text/tokenize, in: rows }\n",
    });
    const run = JSON.parse(seqloom(["run", "pipeline.yaml", "--json", "-q", "--no-report"], { cwd: folder }).out);
    const trace = (...args: string[]) => seqloom(["trace", ...args], { cwd: folder });
    const { out } = trace("words", "pipeline.yaml");
    expect(out).toMatch(/words\.data .*\n└─ rows\.data .*\n {3}└─ data\.csv/);
    const digest = run.stages[1].outputs.data as string;
    expect(trace(digest.slice(0, 10), "pipeline.yaml").out).toBe(out);
    expect(trace("data.csv", "pipeline.yaml").out).toContain("was read by stage rows");
    writeFileSync(join(folder, "other.csv"), "nothing of the kind");
    expect(trace("other.csv", "pipeline.yaml").err).toContain("error[nothing-to-trace]");
    expect(trace("word", "pipeline.yaml").code).toBe(1);
  });
});
