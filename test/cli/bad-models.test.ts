import { expect, it } from "vitest";
import { folderWith, seqloom } from "./support.js";

const rows = (...series: string[]): string =>
  `${series.map((one, i) => `{"label":"${"ab"[i % 2]}","series":${one}}`).join("\n")}\n`;

const GOOD = rows("[[1,2],[3,4]]", "[[1,2]]", "[[2,2]]");

/** Lines 4 and on of a pipeline whose layers begin on line 11. */
function pipeline(layers: readonly string[], more = ""): string {
  return `seqloom: 1
name: bad
stages:
  rows:
    use: data/load-jsonl
    with: { files: rows.jsonl, columns: { label: label, series: series } }
  model:
    use: models/train
    in: rows
    with:
      layers:
${layers.map((layer) => `        - ${layer}\n`).join("")}${more}`;
}

const DENSE = "dense: { units: 2, activation: softmax }";

it.each<[string, string, string, readonly string[], string]>([
  [
    "a shape that does not fit",
    GOOD,
    "layer-shape",
    ["lstm: { units: 3 }", "gru: { units: 3 }", DENSE],
    "model.yaml:13:11",
  ],
  [
    "units that are not the classes",
    GOOD,
    "classes-units",
    ["lstm: { units: 3 }", "dense: { units: 7, activation: softmax }"],
    "model.yaml:13:11",
  ],
  [
    "a window that is longer than every row",
    GOOD,
    "layer-shape",
    ["conv_1d: { filters: 2, kernel_size: 9 }", "global_max_pooling_1d:", DENSE],
    "model.yaml:12:11",
  ],
  ["rows that are all empty", rows("[]", "[]"), "input-empty", ["lstm: { units: 3 }", DENSE], "model.yaml:7:3"],
  [
    "a number that is none",
    rows("[[1,2]]", "[[1,null]]"),
    "input-not-finite",
    ["lstm: { units: 3 }", DENSE],
    "model.yaml:7:3",
  ],
  ["more weights than memory", GOOD, "out-of-memory", ["lstm: { units: 30000 }", DENSE], "model.yaml:12:11"],
  ["units 0", GOOD, "out-of-range", ["lstm: { units: 0 }", DENSE], "model.yaml:12:26"],
])("%s is named, with its place", (_, data, code, layers, place) => {
  const cwd = folderWith({ "model.yaml": pipeline(layers), "rows.jsonl": data });
  const { code: exit, err } = seqloom(["run", "model.yaml", "--quiet", "--no-report"], { cwd });
  expect(exit).toBe(1);
  expect(err).toContain(`error[${code}] model: `);
  expect(err).toContain(place);
});

it("a row without steps among others is told of, and training goes on", () => {
  const cwd = folderWith({
    "model.yaml": pipeline(["lstm: { units: 3 }", DENSE]),
    "rows.jsonl": rows("[[1,2]]", "[]"),
  });
  const { code, err } = seqloom(["run", "model.yaml", "--no-report"], { cwd });
  expect(code).toBe(0);
  expect(err).toContain("1 of 2 train rows are empty");
});
