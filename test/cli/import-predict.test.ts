import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { folderWith, seqloom } from "./support.js";

const reference = (name: string): string =>
  fileURLToPath(new URL(`../models/weights/reference/${name}`, import.meta.url));

const expected = JSON.parse(readFileSync(reference("expected.json"), "utf8")) as {
  readonly length: number;
  readonly rows: number;
  readonly ids: readonly number[];
  readonly probabilities: Readonly<Record<string, readonly number[]>>;
};

const PROBABILITIES = expected.probabilities.lstm;
const CLASSES = ["a", "b", "c"];

/** Each id as a word whose place in the alphabet it is; the word of 0 is the padding. */
const word = (id: number): string => `w${String(id).padStart(2, "0")}`;

const TEXTS = Array.from({ length: expected.rows }, (_, row) =>
  expected.ids
    .slice(row * expected.length, (row + 1) * expected.length)
    .map(word)
    .join(" "),
);

const LABELS = TEXTS.map((_, row) => {
  const own = PROBABILITIES.slice(row * 3, row * 3 + 3);
  return CLASSES[own.indexOf(Math.max(...own))];
});

const PIPELINE = `seqloom: 1
name: imported
stages:
  texts:
    use: data/load-csv
    with: { files: texts.csv, columns: { text: text, label: label } }
  tokens: { use: text/tokenize, in: texts }
  ids: { use: text/encode, in: tokens, with: { pad: w00, unknown: null, order: alphabet } }
  padded: { use: text/pad, in: ids, with: { length: ${expected.length} } }
  lstm:
    use: models/import
    with:
      file: lstm.safetensors
      order: pytorch
      input: { ids: { size: 20, length: ${expected.length} } }
      layers: [{ embedding: { units: 8 } }, { lstm: { units: 6 } }, { dense: { units: 3, activation: softmax } }]
      classes: [a, b, c]
      names: { embedding: embed, lstm: rnn, dense: fc }
  predictions: { use: models/predict, in: { model: lstm.model, data: padded } }
  scores: { use: models/evaluate, in: predictions, with: { split: all } }
`;

/** Rows that hold every word, so that the vocabulary has all of them. */
const ALL = Array.from({ length: 20 }, (_, id) => word(id)).join(" ");

it("a model of PyTorch is evaluated, and predicts what is typed in as PyTorch did", () => {
  const rows = TEXTS.map((text, row) => `${text},${LABELS[row]}`);
  const csv = ["text,label", ...rows, `${ALL},a`].join("\n");
  const cwd = folderWith({ "pipeline.yaml": PIPELINE, "texts.csv": `${csv}\n` });
  copyFileSync(reference("lstm.safetensors"), join(cwd, "lstm.safetensors"));

  const early = seqloom(["predict", "pipeline.yaml", "--text", TEXTS[0]], { cwd });
  expect(early.err).toContain('no stored result of stages "ids", "lstm"');
  const run = seqloom(["run", "pipeline.yaml", "--json", "--quiet", "--no-report"], { cwd });
  expect(JSON.parse(run.out).metrics.scores.accuracy).toBeGreaterThanOrEqual(expected.rows / (expected.rows + 1));

  const typed = TEXTS.flatMap((text) => ["--text", text]);
  const { out, err } = seqloom(["predict", "pipeline.yaml", "--json", ...typed], { cwd });
  expect(err).toBe("");
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ label }) => label)).toEqual(LABELS);
  for (const [row, { probabilities }] of lines.entries()) {
    for (const [place, name] of CLASSES.entries()) {
      expect(Math.abs(probabilities[name] - PROBABILITIES[row * 3 + place])).toBeLessThan(1e-5);
    }
  }
});

it("predict: names the imported model or the stage that applies it; without such a stage it says what is missing", () => {
  const files = { "texts.csv": `text,label\n${ALL},a\n${TEXTS[0]},b\n` };
  const named = (name: string): string => `${PIPELINE}predict: { source: texts, model: ${name} }\n`;
  const alone = named("lstm").replace(/ {2}predictions: .*\n {2}scores: .*\n/, "");
  const cwd = folderWith({
    ...files,
    "model.yaml": named("lstm"),
    "stage.yaml": named("predictions"),
    "alone.yaml": alone,
  });
  copyFileSync(reference("lstm.safetensors"), join(cwd, "lstm.safetensors"));
  seqloom(["run", "model.yaml", "--quiet", "--no-report"], { cwd });
  const [first, second] = ["model.yaml", "stage.yaml"].map((file) =>
    seqloom(["predict", file, "--json", "--text", TEXTS[1]], { cwd }),
  );
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(second.out).toBe(first.out);
  const { code, err } = seqloom(["predict", "alone.yaml", "--text", "w01"], { cwd });
  expect(code).toBe(1);
  expect(err).toContain('no stage sends rows through the model of "lstm"');
  expect(err).toContain("{ use: models/predict, in: { model: lstm.model, data: … } }");
});
