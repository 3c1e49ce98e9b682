import {
  Dataset,
  executeStage,
  type Metrics,
  type Model,
  Random,
  rootSeed,
  series,
  tokens,
  tokensOfRow,
} from "@seqloom/core";
import { beamSearch, bestPath, collapse, decodeCtc, evaluateCtc, releaseModels, trainCtc } from "@seqloom/models";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf, modelDigest } from "../helpers.js";

afterEach(releaseModels);

const LETTERS = ["a", "b", "c", "d"];
const WIDTH = 5;

/** Words of letters as noisy frames: each letter is held for two to four frames, with silence between some of them. */
function speech(rows: number, seed = 11): Dataset {
  const random = new Random(rootSeed(seed));
  const [frames, words]: [number[][][], string[][]] = [[], []];
  const frame = (loud: number): number[] =>
    Array.from({ length: WIDTH }, (_, i) => (i === loud ? 1 : 0) + 0.2 * random.normal());
  for (let row = 0; row < rows; row++) {
    const word = Array.from({ length: 1 + random.integer(4) }, () => LETTERS[random.integer(LETTERS.length)]);
    const said: number[][] = [];
    for (const [i, letter] of word.entries()) {
      const silent = letter === word[i - 1] ? 1 + random.integer(2) : random.integer(2);
      for (let k = 0; k < silent; k++) said.push(frame(LETTERS.length));
      const held = 2 + random.integer(3);
      for (let k = 0; k < held; k++) said.push(frame(LETTERS.indexOf(letter)));
    }
    frames.push(said);
    words.push(word);
  }
  return Dataset.of({ series: series(frames, WIDTH), tokens: tokens(words) });
}

const LAYERS = [
  { bidirectional: { layer: { gru: { units: 16, return_sequences: true } } } },
  { dense: { units: 5, activation: "softmax" } },
];
const TRAINING = { layers: LAYERS, epochs: 12, batch_size: 16, optimizer: { adam: { learning_rate: 0.02 } } };

async function runCtc(data: Dataset, params: object, context = contextOf()) {
  const outputs = await executeStage(trainCtc as never, { data }, trainCtc.params.parse(params), context);
  return outputs as unknown as { data: Dataset; state: Model; report: Metrics };
}

async function scoresOf(data: Dataset, params: object = {}): Promise<Metrics> {
  const parsed = evaluateCtc.params.parse({ split: "all", ...params });
  return (await executeStage(evaluateCtc as never, { data }, parsed, contextOf())).metrics as Metrics;
}

async function decoded(model: Model, data: Dataset, beam_width: number): Promise<Dataset> {
  const outputs = await executeStage(decodeCtc as never, { model, data }, { beam_width }, contextOf());
  return outputs.data as Dataset;
}

describe("models/train-ctc", () => {
  it("learns to say letters from frames that nobody aligned, and says them of new rows", async () => {
    const { state, report } = await runCtc(speech(240), TRAINING);
    const { loss, error_rate } = report.curves as Record<string, number[]>;
    expect(loss.at(-1)).toBeLessThan(loss[0] / 10);
    expect(error_rate.at(-1)).toBeLessThan(0.05);
    const fresh = speech(60, 99);
    const applied = (await trainCtc.apply(
      fresh as never,
      state,
      trainCtc.params.parse(TRAINING),
      contextOf(),
    )) as Dataset;
    const best = await scoresOf(applied);
    expect(best.values.cer).toBeLessThan(0.05);
    const beam = await scoresOf(await decoded(state, applied, 8));
    expect(beam.values.cer).toBeLessThanOrEqual(best.values.cer + 0.01);
    const probabilities = applied.columns.get("frame_probabilities");
    if (probabilities?.type !== "series") throw new Error("no probabilities");
    expect(probabilities.width).toBe(5);
    expect([...probabilities.offsets]).toEqual([...(fresh.columns.get("series") as { offsets: Int32Array }).offsets]);
    expect(probabilities.values.slice(0, 5).reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
  });

  it("gives the same bytes each time, and reads fewer steps where a convolution strides", async () => {
    const layers = [{ conv_1d: { filters: 8, kernel_size: 2, strides: 2 } }, ...LAYERS];
    const params = { ...TRAINING, layers, epochs: 1 };
    const letters = Array.from({ length: 40 }, (_, row) => [LETTERS[row % 4]]);
    const data = speech(40).with({ tokens: tokens(letters) });
    const [first, second] = [await runCtc(data, params), await runCtc(data, params)];
    expect(await modelDigest(second.state)).toBe(await modelDigest(first.state));
    const { offsets } = first.data.columns.get("frame_probabilities") as { offsets: Int32Array };
    const { offsets: steps } = data.columns.get("series") as { offsets: Int32Array };
    expect(offsets[1]).toBe(Math.floor((steps[1] - 2) / 2) + 1);
  });

  it("keeps the weights of the epoch with the lowest error rate of validation", async () => {
    const validation = speech(20, 5);
    const context = contextOf(1, { validation });
    const params = { ...TRAINING, epochs: 3, restore_best: { monitor: "val_error_rate" } };
    const model = await trainCtc.fit(speech(60) as never, trainCtc.params.parse(params), context);
    const { history, best_epoch } = model.config as { history: Record<string, number[]>; best_epoch: number };
    expect(history.val_error_rate[best_epoch - 1]).toBe(Math.min(...history.val_error_rate));
  });

  it("names what does not fit", async () => {
    const short = Dataset.of({ series: series([[[1], [2]]], 1), tokens: tokens([["a", "a", "b"]]) });
    const [few] = await diagnosticsOf(runCtc(short, { layers: [{ dense: { units: 3, activation: "softmax" } }] }));
    expect(few.code).toBe("ctc-too-short");
    expect(few.message).toBe("train row 1 has 2 steps, of which the layers leave 2: too few to say its 3 tokens");
    expect(few.hint).toContain("one more between equal ones: 4");
    const [units] = await diagnosticsOf(
      runCtc(speech(8), { layers: [{ dense: { units: 9, activation: "softmax" } }] }),
    );
    expect(units).toMatchObject({ code: "ctc-units", hint: "Set units: 5." });
    const [shape] = await diagnosticsOf(
      runCtc(speech(8), { layers: [{ gru: { units: 4 } }, { dense: { units: 5, activation: "softmax" } }] }),
    );
    expect(shape.code).toBe("layer-shape");
    const context = contextOf(1, {
      validation: Dataset.of({ series: series([[[1, 1, 1, 1, 1]]], 5), tokens: tokens([["z"]]) }),
    });
    const [unseen] = await diagnosticsOf(runCtcWith(speech(8), TRAINING, context));
    expect(unseen.code).toBe("label-unseen");
    expect(trainCtc.check?.(trainCtc.params.parse({ layers: [{ dense: { units: 5 } }] }))[0].message).toContain(
      "softmax",
    );
    const [other] = await diagnosticsOf(
      decoded({ config: { format: "seqloom-model/1" }, weights: new Map() }, speechFrames(), 4),
    );
    expect(other.code).toBe("model-task");
  });
});

function runCtcWith(data: Dataset, params: object, context: ReturnType<typeof contextOf>): Promise<unknown> {
  return Promise.resolve(trainCtc.fit(data as never, trainCtc.params.parse(params), context));
}

function speechFrames(): Dataset {
  return Dataset.of({ frame_probabilities: series([[[0.5, 0.5]]], 2) });
}

describe("decoding", () => {
  it("collapses repeats, then takes blanks out", () => {
    const path = Int32Array.from([1, 1, 0, 1, 2, 2, 0, 0]);
    expect([...collapse(path, 0)]).toEqual([1, 1, 2]);
    const values = [0.1, 0.9, 0.6, 0.4, 0.5, 0.5];
    expect([...bestPath(values, 0, 3, 2)]).toEqual([1, 0, 0]);
  });

  it("by a beam that is wide enough finds the most probable labelling of all", () => {
    const step = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        const flat = steps.flat().map((value) => value + 0.5);
        const sums = labellings(flat, steps.length);
        const most = Math.max(...sums.values());
        const said = [...beamSearch(flat, steps.length, 3, 0, 1000)].join();
        expect(sums.get(said)).toBeCloseTo(most, 6);
      }),
      { numRuns: 60 },
    );
  });

  it("finds what the best path does not: many ways to say the same", () => {
    // The blank is the best of each step, and yet "1" in one of the ways is likelier than nothing.
    const values = [0.4, 0.3, 0.3, 0.4, 0.35, 0.25];
    expect([...collapse(bestPath(values, 0, 2, 3), 0)]).toEqual([]);
    expect([...beamSearch(values, 2, 3, 0, 10)]).toEqual([1]);
    expect([...beamSearch([], 0, 3, 0, 10)]).toEqual([]);
  });

  it("stays finite over thousands of steps", () => {
    const values = Float32Array.from({ length: 3 * 4000 }, (_, i) => (i % 3 === 0 ? 0.34 : 0.33));
    expect(beamSearch(values, 4000, 3, 0, 4)).toBeInstanceOf(Int32Array);
  });
});

/** The probability of each labelling, by going through all paths. */
function labellings(flat: readonly number[], frames: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (let code = 0; code < 3 ** frames; code++) {
    const path = Int32Array.from({ length: frames }, (_, t) => Math.floor(code / 3 ** t) % 3);
    const chance = path.reduce((product, output, t) => product * flat[t * 3 + output], 1);
    const said = [...collapse(path, 0)].join();
    sums.set(said, (sums.get(said) ?? 0) + chance);
  }
  return sums;
}

describe("models/evaluate-ctc", () => {
  it("counts edits of characters and of words over all rows", async () => {
    const wanted = tokens([[..."one two"], [..."three"], [..."six"]]);
    const given = tokens([[..."one too"], [..."tree"], [..."six"]]);
    const { values, tables } = await scoresOf(Dataset.of({ tokens: wanted, predicted_tokens: given }));
    expect(values).toEqual({
      cer: 2 / 15,
      wer: 2 / 4,
      exact: 1 / 3,
      substitutions: 1,
      deletions: 1,
      insertions: 0,
      characters: 15,
      rows: 3,
    });
    expect(tables?.examples.rows[0]).toEqual(["one two", "one too", 1]);
    const words = Dataset.of({ tokens: tokens([["one", "two"]]), predicted_tokens: tokens([["one"]]) });
    expect((await scoresOf(words, { joiner: " " })).values).toMatchObject({ cer: 4 / 7, wer: 1 / 2 });
  });

  it("takes what a model says", async () => {
    const { data } = await runCtc(speech(20), { ...TRAINING, epochs: 1 });
    const { values } = await scoresOf(data);
    expect(values.rows).toBe(20);
    expect(tokensOfRow(data.columns.get("predicted_tokens") as never, 0)).toBeInstanceOf(Array);
  });
});
