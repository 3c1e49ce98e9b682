import { createHash } from "node:crypto";
import {
  artifactTypes,
  Dataset,
  DiagnosticError,
  executeStage,
  hashSeed,
  type Json,
  labels,
  type Metrics,
  type Model,
  Random,
  rootSeed,
  type StageContext,
} from "@seqloom/core";
import { train } from "@seqloom/models";

/** What a stage gets beside its inputs: nothing happens on progress. */
export function contextOf(seed = 1, more: Partial<StageContext> = {}): StageContext {
  return {
    stage: "model",
    random: new Random(hashSeed(rootSeed(seed), "model")),
    signal: new AbortController().signal,
    files: {},
    device: "simd",
    scratch: "",
    firstRow: 0,
    validation: Dataset.of([], 0),
    progress() {},
    epoch() {},
    log() {},
    ...more,
  };
}

/** Runs models/train over data with a split column. */
export async function runTrain(
  data: Dataset,
  params: unknown,
  context: StageContext = contextOf(),
): Promise<{ data: Dataset; state: Model; report: Metrics }> {
  const outputs = await executeStage(train as never, { data }, train.params.parse(params), context);
  return outputs as unknown as { data: Dataset; state: Model; report: Metrics };
}

/** SHA-256 of the encoded model: what the store would name it. */
export async function modelDigest(model: Model): Promise<string> {
  const hash = createHash("sha256");
  for (const { name, bytes } of await artifactTypes.model.encode(model)) hash.update(name).update(bytes);
  return hash.digest("hex");
}

/** The diagnostics that a promise is rejected with. */
export async function diagnosticsOf(promise: Promise<unknown>): Promise<DiagnosticError["diagnostics"]> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  throw new Error("it was not rejected");
}

/** Sequences of six ids from 1 to 8 in which order decides: "up" when 1 comes before 2. The rest is noise; 0 is padding. */
export function orderData(rows: number, seed = 7): Dataset {
  const random = new Random(rootSeed(seed));
  const values = new Int32Array(rows * 6);
  const names: string[] = [];
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < 6; i++) values[row * 6 + i] = 3 + random.integer(6);
    const first = random.integer(5);
    const second = first + 1 + random.integer(5 - first);
    const up = random.integer(2) === 1;
    values[row * 6 + first] = up ? 1 : 2;
    values[row * 6 + second] = up ? 2 : 1;
    names.push(up ? "up" : "down");
  }
  return Dataset.of({
    ids: { type: "padded", values, width: 6, size: 9, pad: 0 },
    label: labels(names),
    split: labels(names.map((_, row) => (row % 4 === 3 ? "test" : row % 4 === 2 ? "validation" : "train"))),
  });
}

/** Points in the plane in three heaps, as vectors. */
export function heapData(rows: number, seed = 3): Dataset {
  const random = new Random(rootSeed(seed));
  const centres = [
    [2, 0],
    [-2, 1],
    [0, -2],
  ];
  const values = new Float32Array(rows * 2);
  const names: string[] = [];
  for (let row = 0; row < rows; row++) {
    const heap = random.integer(3);
    values[row * 2] = centres[heap][0] + 0.5 * random.normal();
    values[row * 2 + 1] = centres[heap][1] + 0.5 * random.normal();
    names.push(["10", "9", "100"][heap]);
  }
  return Dataset.of({
    vector: { type: "vector", values, width: 2 },
    label: labels(names),
    split: labels(names.map((_, row) => (row % 4 === 3 ? "test" : row % 4 === 2 ? "validation" : "train"))),
  });
}

/** Layers that learn {@link orderData}. */
export const ORDER_LAYERS: Json = [
  { embedding: { units: 8 } },
  { lstm: { units: 12 } },
  { dense: { units: 2, activation: "softmax" } },
];

/** Layers that learn {@link heapData}. */
export const HEAP_LAYERS: Json = [
  { dense: { units: 8, activation: "relu" } },
  { dense: { units: 3, activation: "softmax" } },
];
