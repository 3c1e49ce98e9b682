import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { wavBytes } from "@seqloom/audio";
import { decodeSafetensors } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { folderWith, SMALL, seqloom, TRAINING } from "./support.js";

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

/** A pipeline that runs what an export wrote, on ids that another stage made. */
const BACK = `seqloom: 1
name: back
seed: 1
stages:
  reviews: { use: data/generate-reviews, with: { rows: 120 } }
  clean: { use: text/normalise, in: reviews }
  tokens: { use: text/tokenize, in: clean }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: 12 } }
  model:
    use: models/import
    with:
      file: exported/weights.safetensors
      order: keras
      input: { ids: { size: SIZE, length: 12 } }
      layers: [{ embedding: { units: 4 } }, { lstm: { units: 4 } }, { dense: { units: 2, activation: softmax } }]
      classes: CLASSES
  predictions: { use: models/predict, in: { model: model.model, data: padded } }
  scores: { use: models/evaluate, in: predictions, with: { split: all } }
`;

describe("seqloom export", () => {
  it("writes weights, layers, vocabulary and facts, from which the model is built again", () => {
    const cwd = folderWith({ "pipeline.yaml": TRAINING });
    const early = seqloom(["export", "pipeline.yaml", "--set", "params.units=4"], { cwd });
    expect(early.code).toBe(1);
    expect(early.err).toContain("error[not-trained]");
    expect(early.err).toContain("seqloom run pipeline.yaml --set params.units=4");
    expect(readdirSync(cwd)).not.toContain("exported");

    expect(seqloom(["run", "pipeline.yaml", "--quiet", "--no-report"], { cwd }).code).toBe(0);
    const first = seqloom(["export", "pipeline.yaml"], { cwd });
    expect(first).toMatchObject({ code: 0, err: "" });
    const names = ["model.json", "weights.safetensors", "ids/vocabulary.json", "pipeline.json"];
    expect(first.out.trim().split("\n")).toEqual(names.map((name) => join("exported", name)));
    expect(readdirSync(cwd).filter((name) => name.startsWith(".seqloom-export"))).toEqual([]);
    expect(statSync(join(cwd, "exported")).mode & 0o700).toBe(0o700);

    const facts = json(join(cwd, "exported/pipeline.json"));
    const vocabulary = json(join(cwd, "exported/ids/vocabulary.json"));
    expect(facts).toMatchObject({
      seqloom: "export/1",
      pipeline: "training",
      stage: "model",
      use: "models/train",
      input: { column: "ids", flow: { kind: "ids", shape: [12], size: vocabulary.tokens.length, pad: 0 } },
      loss: "sparse_categorical_crossentropy",
    });
    expect(facts.prepare.map(({ stage }: { stage: string }) => stage)).toEqual(["clean", "tokens", "ids", "padded"]);
    expect(facts.prepare[2].files).toEqual(["ids/vocabulary.json"]);
    const weights = decodeSafetensors(readFileSync(join(cwd, "exported/weights.safetensors")));
    expect([...weights].map(([name, { shape }]) => [name, [...shape]])).toEqual(
      facts.weights.tensors.map(({ name, shape }: { name: string; shape: number[] }) => [name, shape]),
    );
    expect(json(join(cwd, "exported/model.json")).config.layers[2].class_name).toBe("LSTM");

    const again = BACK.replace("SIZE", String(vocabulary.tokens.length)).replace(
      "CLASSES",
      JSON.stringify(facts.classes),
    );
    writeFileSync(join(cwd, "back.yaml"), again);
    const back = seqloom(["run", "back.yaml", "--quiet", "--no-report"], { cwd });
    expect(back).toMatchObject({ code: 0 });
    const text = ["--json", "--text", "a great cast and a wonderful film", "--text", "dull"];
    expect(seqloom(["predict", "back.yaml", ...text], { cwd }).out).toBe(
      seqloom(["predict", "pipeline.yaml", ...text], { cwd }).out,
    );
  });

  it("writes over nothing, and says where it cannot write", () => {
    const cwd = folderWith({
      "pipeline.yaml": TRAINING.replace("rows: 120", "rows: 60"),
      "full/notes.txt": "mine",
      file: "x",
    });
    seqloom(["run", "pipeline.yaml", "--quiet", "--no-report"], { cwd });
    const full = seqloom(["export", "pipeline.yaml", "--to", "full"], { cwd });
    expect(full.code).toBe(1);
    expect(full.err).toMatch(/error\[output-folder\] .*full is not empty: it has notes\.txt/);
    expect(readFileSync(join(cwd, "full/notes.txt"), "utf8")).toBe("mine");
    const file = seqloom(["export", "pipeline.yaml", "--to", "file"], { cwd });
    expect(file.err).toContain("error[output-folder]");
    expect(readFileSync(join(cwd, "file"), "utf8")).toBe("x");

    mkdirSync(join(cwd, "empty"));
    const empty = seqloom(["export", "pipeline.yaml", "--to", "empty", "--format", "safetensors", "--json"], { cwd });
    expect(JSON.parse(empty.out)).toEqual({
      folder: join(cwd, "empty"),
      stage: "model",
      files: ["weights.safetensors", "ids/vocabulary.json", "pipeline.json"],
    });
    if (process.getuid?.() !== 0) {
      mkdirSync(join(cwd, "locked"));
      chmodSync(join(cwd, "locked"), 0o500);
      expect(seqloom(["export", "pipeline.yaml", "--to", "locked/x"], { cwd }).err).toContain("error[output-folder]");
    }
  });

  it("asks which model, where there are several or none", () => {
    const second = TRAINING.replace(
      "  scores:",
      "  other: { use: models/train, in: padded, with: { layers: [{ embedding: { units: 2 } }, flatten, { dense: { units: 2, activation: softmax } }] } }\n  scores:",
    );
    const cwd = folderWith({ "two.yaml": second, "small.yaml": SMALL });
    const which = seqloom(["export", "two.yaml"], { cwd });
    expect(which.code).toBe(2);
    expect(which.err).toContain("the pipeline has several models: model (models/train), other (models/train)");
    expect(which.err).toContain("--stage model");
    const wrong = seqloom(["export", "two.yaml", "--stage", "othr"], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('Did you mean "other"?');
    expect(seqloom(["export", "two.yaml", "--stage", "padded"], { cwd }).err).toContain('stage "padded" has no model');
    expect(seqloom(["export", "two.yaml", "--stage", "other"], { cwd }).err).toContain("error[not-trained]");
    const none = seqloom(["export", "small.yaml"], { cwd });
    expect(none.code).toBe(1);
    expect(none.err).toContain("error[no-model]");
    expect(seqloom(["export", "two.yaml", "--format", "onnx"], { cwd })).toMatchObject({ code: 2 });
  });

  it("writes the files that a stage made, where the pipeline has no model or the stage is named", () => {
    const samples = Float32Array.from({ length: 800 }, (_, i) => Math.sin(i / 9) / 2);
    const cwd = folderWith({
      "in/a.wav": wavBytes(samples, 8000),
      "pipeline.yaml": `seqloom: 1
name: sounds
stages:
  clips: { use: audio/load-wav, with: { files: "in/*.wav" } }
  sounds: { use: audio/write-wav, in: clips, with: { names: "out/{row}.wav" } }
`,
    });
    expect(seqloom(["export", "pipeline.yaml"], { cwd }).err).toContain("error[not-trained]");
    expect(seqloom(["run", "pipeline.yaml", "--quiet", "--no-report"], { cwd }).code).toBe(0);
    const { code, out } = seqloom(["export", "pipeline.yaml", "--to", "made"], { cwd });
    expect({ code, out }).toEqual({ code: 0, out: `${join("made", "out", "1.wav")}\n` });
    expect(readFileSync(join(cwd, "made/out/1.wav"))).toEqual(readFileSync(join(cwd, "in/a.wav")));
    const wrong = seqloom(["export", "pipeline.yaml", "--stage", "clips"], { cwd });
    expect(wrong.err).toContain('--stage: stage "clips" has no model and makes no files');
  });
});
