import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors, type TensorData } from "@seqloom/core";
import { expect, it } from "vitest";
import { folderWith, seqloom } from "../../cli/support.js";

const PIPELINE = `seqloom: 1
name: imported
stages:
  curves:
    use: data/load-csv
    with: { files: rows.csv, columns: { label: class, series: { from: [a, b] } } }
  model:
    use: models/import
    with:
      file: weights.safetensors
      order: pytorch
      input: { series: { width: 1, length: 2 } }
      layers: [flatten, { dense: { units: 2, activation: softmax } }]
      classes: [rises, falls]
      names: { dense: fc }
  predictions: { use: models/predict, in: { model: model.model, data: curves } }
  scores: { use: models/evaluate, in: predictions, with: { split: all } }
`;

const tensor = (shape: number[], values: number[]): TensorData => ({
  dtype: "float32",
  shape,
  values: Float32Array.from(values),
});

it("a pipeline imports a model and predicts with it; new weights are a new key", () => {
  const cwd = folderWith({ "pipeline.yaml": PIPELINE, "rows.csv": "a,b,class\n1,2,rises\n5,3,falls\n0,4,rises\n" });
  const write = (sign: number): void => {
    const tensors = new Map([
      ["fc.weight", tensor([2, 2], [-sign, sign, sign, -sign])],
      ["fc.bias", tensor([2], [0, 0])],
    ]);
    writeFileSync(join(cwd, "weights.safetensors"), encodeSafetensors(tensors));
  };
  const run = () => {
    const { code, out, err } = seqloom(["run", "pipeline.yaml", "--json", "--quiet", "--no-report"], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return JSON.parse(out) as {
      metrics: { scores: { accuracy: number } };
      stages: { name: string; status: string; reasons: string[] }[];
    };
  };
  write(1);
  expect(run().metrics.scores.accuracy).toBe(1);
  write(-1);
  const second = run();
  expect(second.metrics.scores.accuracy).toBe(0);
  expect(second.stages.find(({ name }) => name === "model")?.status).toBe("run");
  expect(second.stages.find(({ name }) => name === "curves")?.status).toBe("hit");
});
