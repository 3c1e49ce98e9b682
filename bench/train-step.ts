// One training step and one inference batch of Embedding -> LSTM -> Dense with Adam, against PyTorch on the same machine.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { adam, dense, embedding, lstm, softmaxCrossEntropy } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { type Comparison, compared, median, peersFolder } from "./support/measure.js";

interface Size {
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
  readonly width: number;
  readonly units: number;
  readonly classes: number;
}

/** Milliseconds of one step. */
interface Times {
  readonly train: number;
  readonly infer: number;
}

export const name = "train-step";
export const description = "one training step and one inference batch of an LSTM classifier; peer: PyTorch";

const SIZES: readonly Size[] = [
  { batch: 150, time: 55, vocabulary: 4823, width: 32, units: 32, classes: 2 },
  { batch: 128, time: 50, vocabulary: 20_000, width: 100, units: 100, classes: 2 },
];
const ROUNDS = 3;
const SECONDS = 2;

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
function buildModel(size: Size): { train: () => void; infer: () => void; close: () => void } {
  const { batch, time, vocabulary, width, units, classes } = size;
  const weight = (label: string, shape: number[]): tf.Variable => {
    const initial = tf.randomUniform(shape, -0.1, 0.1, "float32", 1);
    const variable = tf.variable(initial, true, label);
    initial.dispose();
    return variable;
  };
  const table = weight("table", [vocabulary, width]);
  const kernel = weight("kernel", [width, 4 * units]);
  const recurrent = weight("recurrent", [units, 4 * units]);
  const bias = weight("bias", [4 * units]);
  const output = weight("output", [units, classes]);
  const outputBias = weight("outputBias", [classes]);
  const variables = [table, kernel, recurrent, bias, output, outputBias];
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1) as tf.Tensor2D;
  const labels = tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D;
  const optimizer = adam();

  const logits = (): tf.Tensor2D => {
    const x = embedding(ids, table as tf.Tensor2D);
    const state = lstm({
      x,
      kernel: kernel as tf.Tensor2D,
      recurrentKernel: recurrent as tf.Tensor2D,
      bias: bias as tf.Tensor1D,
    });
    return dense(state.output, output as tf.Tensor2D, outputBias as tf.Tensor1D) as tf.Tensor2D;
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
      tf.dispose([...variables, ids, labels]);
    },
  };
}

/** PyTorch's times, or why there are none. */
async function peerTimes(size: Size): Promise<Times | string> {
  const folder = peersFolder();
  if (folder === null) return "no peers: set SEQLOOM_PEERS to the folder of torch_rnn.py";
  const script = join(folder, "torch_rnn.py");
  const shape = [size.batch, size.time, size.vocabulary, size.width, size.units, size.classes].map(String);
  try {
    const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    const { stdout } = await promisify(execFile)(python, [script, "lstm", ...shape, "--seconds", String(SECONDS)]);
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

function compare(size: Size, what: "train" | "infer", ours: Ours, peers: readonly (Times | string)[]): Comparison {
  const measured = peers.filter((times) => typeof times !== "string");
  const peer = measured.length === 0 ? null : medians(measured)[what];
  const note = peers.find((times) => typeof times === "string");
  const model = `LSTM ${size.units}, batch ${size.batch}, ${size.time} steps, vocabulary ${size.vocabulary}`;
  return compared(`${name}: ${what}, ${model}, ${ours.threads} threads`, "ms", ours.times[what], peer, note);
}

/** Times with a number of threads. */
interface Ours {
  readonly threads: number;
  readonly times: Times;
}

/** One round of a size with a number of threads. */
async function measure(size: Size, threads: number): Promise<Times> {
  await registerSimdBackend({ threads });
  const model = buildModel(size);
  const times = { train: timeOf(model.train, SECONDS / 3), infer: timeOf(model.infer, SECONDS / 6) };
  model.close();
  disposeSimd();
  return times;
}

/** Measures all sizes, ours and the peer's by turns; of both sides the better of one thread and all counts, by the training step. */
export async function run(): Promise<Comparison[]> {
  const counts = [...new Set([1, availableParallelism()])];
  const rows: Comparison[] = [];
  for (const size of SIZES) {
    const rounds = new Map<number, Times[]>(counts.map((threads) => [threads, []]));
    const peers: (Times | string)[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const threads of counts) rounds.get(threads)?.push(await measure(size, threads));
      peers.push(await peerTimes(size));
    }
    const all = [...rounds].map(([threads, times]): Ours => ({ threads, times: medians(times) }));
    const best = all.reduce((left, right) => (right.times.train < left.times.train ? right : left));
    rows.push(compare(size, "train", best, peers), compare(size, "infer", best, peers));
  }
  return rows;
}
