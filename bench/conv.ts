// One training step and one inference batch of Embedding -> Conv1D -> maximum over time -> Dense with Adam, against PyTorch.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { adam, conv1d, dense, embedding, globalMaxPooling1d, softmaxCrossEntropy } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { type Comparison, compared, median } from "./support/measure.js";

/** Milliseconds of one step. */
interface Times {
  readonly train: number;
  readonly infer: number;
}

export const name = "conv";
export const description = "one training step and one inference batch of a Conv1D text classifier; peer: PyTorch";

const SIZE = { batch: 128, time: 100, vocabulary: 5000, width: 64, filters: 128, kernel: 5, classes: 2 };
const ROUNDS = 3;
const SECONDS = 3;

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

/** The model as variables; `close` frees it. */
function buildModel(): { train: () => void; infer: () => void; close: () => void } {
  const { batch, time, vocabulary, width, filters, kernel, classes } = SIZE;
  const weight = (label: string, shape: number[]): tf.Variable => {
    const initial = tf.randomUniform(shape, -0.1, 0.1, "float32", 1);
    const variable = tf.variable(initial, true, label);
    initial.dispose();
    return variable;
  };
  const table = weight("table", [vocabulary, width]) as tf.Tensor2D;
  const taps = weight("taps", [kernel, width, filters]) as tf.Tensor3D;
  const bias = weight("bias", [filters]) as tf.Tensor1D;
  const output = weight("output", [filters, classes]) as tf.Tensor2D;
  const outputBias = weight("outputBias", [classes]) as tf.Tensor1D;
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1) as tf.Tensor2D;
  const labels = tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D;
  const optimizer = adam();
  const logits = (): tf.Tensor2D => {
    const sequence = conv1d(embedding(ids, table), taps, { bias, activation: "relu" });
    return dense(globalMaxPooling1d(sequence), output, outputBias) as tf.Tensor2D;
  };
  return {
    train: () => {
      const { value, grads } = tf.variableGrads(() => tf.mean(softmaxCrossEntropy(logits(), labels)));
      optimizer.step(grads);
      value.dispose();
      tf.dispose(grads);
    },
    infer: () => tf.tidy(() => void logits()),
    close: () => {
      optimizer.dispose();
      tf.dispose([table, taps, bias, output, outputBias, ids, labels]);
    },
  };
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

/** PyTorch's times, or why there are none. */
async function peerTimes(): Promise<Times | string> {
  const script = fileURLToPath(new URL("../peers/torch_conv.py", import.meta.url));
  const shape = Object.values(SIZE).map(String);
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

/** Measures ours and the peer's by turns; of both sides the better of one thread and all counts, by the training step. */
export async function run(): Promise<Comparison[]> {
  const rounds = new Map<number, Times[]>([...new Set([1, availableParallelism()])].map((threads) => [threads, []]));
  const peers: (Times | string)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [threads, times] of rounds) times.push(await measure(threads));
    peers.push(await peerTimes());
  }
  const measured = peers.filter((times) => typeof times !== "string");
  const note = peers.find((times) => typeof times === "string");
  const peer = measured.length === 0 ? null : medians(measured);
  const all = [...rounds].map(([threads, times]) => ({ threads, ...medians(times) }));
  const best = all.reduce((left, right) => (right.train < left.train ? right : left));
  const model = `Conv1D ${SIZE.filters}x${SIZE.kernel}, batch ${SIZE.batch}, ${SIZE.time} steps, vocabulary ${SIZE.vocabulary}`;
  return (["train", "infer"] as const).map((what) =>
    compared(`${name}: ${what}, ${model}, ${best.threads} threads`, "ms", best[what], peer?.[what] ?? null, note),
  );
}
