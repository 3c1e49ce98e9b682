/** @file A model that is trained on one file and put to work on another: in the whole engine, from YAML. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadPipeline, type RunRecord } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { afterAll, describe, expect, it } from "vitest";
import { manifests, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

const GOOD = ["good", "fine", "superb"];
const BAD = ["bad", "dull", "awful"];
const NOUNS = ["film", "plot", "cast", "play"];

/** Rows whose only telling word is the adjective. The words come in another order from file to file, and so other ids. */
function csv(rows: number, turned: boolean): string {
  const text = (row: number): string => {
    const words = row % 2 === 0 ? GOOD : BAD;
    const noun = NOUNS[(row * 3) % NOUNS.length];
    return turned ? `this ${noun} here is so ${words[(row >> 1) % 3]}` : `${words[(row >> 1) % 3]} ${noun}`;
  };
  const lines = Array.from({ length: rows }, (_, row) => `${text(row)},${row % 2 === 0 ? "pos" : "neg"}`);
  // One more of the bad ones, so that the two files do not even agree on which word is frequent.
  return `text,label\n${(turned ? lines.toReversed() : lines).join("\n")}\n${turned ? "awful awful bad,neg\n" : ""}`;
}

const pipeline = (encoder: string): string => `seqloom: 1
seed: 3
stages:
  known: { use: data/load-csv, with: { files: known.csv, columns: { text: text, label: label } } }
  tokens: { use: text/tokenize, in: known }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: 6 } }
  model:
    use: models/train
    in: padded
    with:
      layers: [{ embedding: { output_dim: 4 } }, global_average_pooling_1d, { dense: { units: 2, activation: softmax } }]
      epochs: 30
      batch_size: 8
      optimizer: { adam: { learning_rate: 0.05 } }
  new: { use: data/load-csv, with: { files: new.csv, columns: { text: text, label: label } } }
  new_tokens: { use: text/tokenize, in: new }
  new_ids: ${encoder}
  new_padded: { use: text/pad, in: new_ids, with: { length: 6 } }
  predicted: { use: models/predict, in: { model: model.state, data: new_padded } }
  scores: { use: models/evaluate, in: predicted, with: { split: all } }
`;

async function runWith(encoder: string): Promise<RunRecord> {
  const folder = join(home, "files");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "known.csv"), csv(120, false));
  writeFileSync(join(folder, "new.csv"), csv(40, true));
  const file = join(folder, "pipeline.yaml");
  writeFileSync(file, pipeline(encoder));
  const store = join(home, "store");
  const { pipeline: compiled, diagnostics } = await loadPipeline(file, { manifests, home: store });
  expect(diagnostics).toEqual([]);
  if (compiled === null) throw new Error("the pipeline is not right");
  return runPipeline(compiled, { store: openStore(store) });
}

describe("a model on other data than it was trained on", () => {
  it("is right with text/encode-with and the state of the encoder of its training", async () => {
    const record = await runWith("{ use: text/encode-with, in: { vocabulary: ids.state, data: new_tokens } }");
    expect(record.status).toBe("succeeded");
    expect(stageOf(record, "scores").metrics.accuracy).toBe(1);
    expect(stageOf(record, "scores").metrics.rows).toBe(41);
  }, 60_000);

  it("refuses ids of a second text/encode, which are those of other words, and says what to do", async () => {
    const record = await runWith("{ use: text/encode, in: new_tokens }");
    expect(record.status).toBe("failed");
    const [found] = stageOf(record, "predicted").diagnostics;
    expect(found).toMatchObject({ code: "model-vocabulary", hint: expect.stringContaining("text/encode-with") });
    expect(found.message).toMatch(
      /vocabulary [0-9a-f]{16} \(\d+ tokens\), received ids of [0-9a-f]{16} \(\d+ tokens\)/,
    );
  }, 60_000);

  it("refuses them also when the vocabularies are of one size", async () => {
    // The size of the other vocabulary is brought to that of the first: this is what nothing but the fingerprint sees.
    const record = await runWith("{ use: text/encode, in: new_tokens, with: { max_size: 12 } }");
    const [found] = stageOf(record, "predicted").diagnostics;
    expect(found.code).toBe("model-vocabulary");
    expect(found.message.match(/\(12 tokens\)/g)).toHaveLength(2);
  }, 60_000);
});
