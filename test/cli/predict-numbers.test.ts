import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { folderWith, seqloom } from "./support.js";

const ROWS = Array.from({ length: 120 }, (_, row) => {
  const words = Array.from(
    { length: 3 + (row % 4) },
    (_unused, i) => ["good", "bad", "film"][(row * 7 + i * (row % 5)) % 3],
  );
  return `${words.join(" ")},${words.filter((word) => word === "good").length}`;
});

const PIPELINE = `seqloom: 1
stages:
  reviews:
    use: data/load-csv
    with: { files: reviews.csv, columns: { text: review, target: { from: score, as: number } } }
  tokens: { use: text/tokenize, in: reviews }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: 6 } }
  model:
    use: models/train-regressor
    in: padded
    with:
      layers: [{ embedding: { units: 4 } }, { lstm: { units: 6 } }, { dense: { units: 1 } }]
      epochs: 40
      optimizer: { adam: { learning_rate: { cosine: { initial_learning_rate: 0.03 } } } }
  scores: { use: models/evaluate-regressor, in: model, with: { split: all } }
predict: { source: reviews, model: model }
`;

describe("a pipeline whose model gives numbers", () => {
  it("trains, is measured, and predicts texts that have no target", () => {
    const folder = folderWith({ "pipeline.yaml": PIPELINE, "reviews.csv": `review,score\n${ROWS.join("\n")}\n` }, true);
    const run = seqloom(["run", "pipeline.yaml"], { cwd: folder });
    expect(run.code).toBe(0);
    expect(run.out + run.err).toMatch(/scores +\d\.\d+ +\d\.\d+ +\d\.\d+ +0\.9\d+ +120/);
    const json = seqloom(["predict", "pipeline.yaml", "--json", "--text", "good good film"], { cwd: folder });
    const { numbers, label } = JSON.parse(json.out);
    expect(label).toBeNull();
    expect(Math.abs(numbers[0] - 2)).toBeLessThan(0.5);
    const shown = seqloom(["predict", "pipeline.yaml", "--text", "good good film"], { cwd: folder });
    expect(shown.out).toBe(`${numbers[0]}  good good film\n`);
    rmSync(folder, { recursive: true, force: true });
  });
});
