// One training step and one inference batch of a transformer encoder that classifies sequences, against PyTorch on the same machine.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Random, rootSeed } from "@seqloom/core";
import { buildNetwork, forward, initialWeights, layersSchema } from "@seqloom/models";
import * as ops from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { type Comparison, compared, median } from "./support/measure.js";

interface Size {
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly layers: number;
  readonly classes: number;
}

/** Milliseconds of one step. */
interface Times {
  readonly train: number;
  readonly infer: number;
}

export const name = "transformer";
export const description = "one training step and one inference batch of a transformer encoder; peer: PyTorch";

const SIZE: Size = {
  batch: 32,
  time: 64,
  vocabulary: 5000,
  width: 128,
  heads: 4,
  feedForward: 512,
  layers: 2,
  classes: 2,
};
const ROUNDS = 3;
const SECONDS = 4;

/** Median time of a call in milliseconds, after a warm-up. */
function timeOf(call: () => void, seconds: number): number {
  for (let i = 0; i < 5; i++) call();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end || times.length < 5) {
    const start = performance.now();
    call();
    times.push(performance.now() - start);
  }
  return median(times);
}

/** The model with its weights as variables; `close` frees it. */
export function buildModel(size: Size = SIZE): { train: () => void; infer: () => void; close: () => void } {
  const { batch, time, vocabulary, width, heads, feedForward, classes } = size;
  const block = { transformer_encoder: { num_heads: heads, feed_forward: feedForward } };
  const layers = layersSchema.parse([
    { embedding: { units: width } },
    "positional_embedding",
    ...new Array(size.layers).fill(block),
    "layer_normalization",
    "global_average_pooling_1d",
    { dense: { units: classes } },
  ]);
  const network = buildNetwork(layers, { kind: "ids", shape: [time], size: vocabulary, pad: -1 });
  const values = initialWeights(network, new Random(rootSeed(1)));
  const variables = new Map<string, tf.Variable>();
  for (const layer of network.layers) {
    for (const { name: weight, shape } of layer.weights) {
      const initial = tf.tensor(values.get(`${layer.name}/${weight}`) as Float32Array, [...shape]);
      variables.set(`${layer.name}/${weight}`, tf.variable(initial));
      initial.dispose();
    }
  }
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1);
  const labels = tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D;
  const optimizer = ops.adam();
  const pass = { device: { name: "simd", tf, ops }, random: null, mask: null } as const;
  const logits = (): tf.Tensor2D => forward(network, ids, variables, pass) as tf.Tensor2D;
  return {
    train: () => {
      const { value, grads } = tf.variableGrads(() => tf.mean(ops.softmaxCrossEntropy(logits(), labels)));
      optimizer.step(grads);
      value.dispose();
      tf.dispose(grads);
    },
    infer: () => tf.tidy(() => void logits()),
    close: () => {
      optimizer.dispose();
      tf.dispose([...variables.values(), ids, labels]);
    },
  };
}

/** PyTorch's times, or why there are none. */
async function peerTimes(size: Size): Promise<Times | string> {
  const script = fileURLToPath(new URL("../peers/torch_transformer.py", import.meta.url));
  const { batch, time, vocabulary, width, heads, feedForward, layers, classes } = size;
  const shape = [batch, time, vocabulary, width, heads, feedForward, layers, classes].map(String);
  try {
    const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    const { stdout } = await promisify(execFile)(python, [script, ...shape, "--seconds", String(SECONDS)]);
    const row = JSON.parse(stdout) as { train_ms: number; infer_ms: number };
    return { train: row.train_ms, infer: row.infer_ms };
  } catch {
    return "no peer: Python or PyTorch is missing";
  }
}

/** The median of each kind of time over the rounds. */
function medians(rounds: readonly Times[]): Times {
  return { train: median(rounds.map((times) => times.train)), infer: median(rounds.map((times) => times.infer)) };
}

/** One round with a number of threads. */
async function measure(threads: number): Promise<Times> {
  await registerSimdBackend({ threads });
  const model = buildModel();
  const times = { train: timeOf(model.train, SECONDS / 3), infer: timeOf(model.infer, SECONDS / 6) };
  model.close();
  disposeSimd();
  return times;
}

/** Measures ours and the peer's by turns; of both sides the better of one thread and all counts, by the training step. */
export async function run(): Promise<Comparison[]> {
  const rounds = new Map<number, Times[]>([...new Set([1, availableParallelism()])].map((threads) => [threads, []]));
  const peers: (Times | string)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [threads, times] of rounds) times.push(await measure(threads));
    peers.push(await peerTimes(SIZE));
  }
  const all = [...rounds].map(([threads, times]) => ({ threads, times: medians(times) }));
  const best = all.reduce((left, right) => (right.times.train < left.times.train ? right : left));
  const measured = peers.filter((times) => typeof times !== "string");
  const peer = measured.length === 0 ? null : medians(measured);
  const note = peers.find((times) => typeof times === "string");
  const { layers, heads, width, batch, time, vocabulary } = SIZE;
  const model = `${layers} layers, ${heads} heads, width ${width}, batch ${batch}, ${time} steps, vocabulary ${vocabulary}`;
  return (["train", "infer"] as const).map((what) =>
    compared(`${name}: ${what}, ${model}, ${best.threads} threads`, "ms", best.times[what], peer?.[what] ?? null, note),
  );
}
