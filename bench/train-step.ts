// One training step and one inference batch of Embedding -> LSTM, GRU, SimpleRNN or bidirectional LSTM -> Dense with Adam, against
// PyTorch on the same machine.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { adam, dense, embedding, gru, lstm, simpleRnn, softmaxCrossEntropy } from "@seqloom/models/ops";
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

/** A recurrent layer: `cell` is the peer's name of it. */
interface Model {
  readonly title: string;
  readonly cell: "lstm" | "gru" | "rnn";
  readonly bidirectional?: true;
}

/** Milliseconds of one step. */
interface Times {
  readonly train: number;
  readonly infer: number;
}

export const name = "train-step";
export const description = "one training step and one inference batch of recurrent classifiers; peer: PyTorch";

const SIZES: readonly Size[] = [
  { batch: 150, time: 55, vocabulary: 4823, width: 32, units: 32, classes: 2 },
  { batch: 128, time: 50, vocabulary: 20_000, width: 100, units: 100, classes: 2 },
];
const MODELS: readonly Model[] = [
  { title: "LSTM", cell: "lstm" },
  { title: "GRU", cell: "gru" },
  { title: "SimpleRNN", cell: "rnn" },
  { title: "bidirectional LSTM", cell: "lstm", bidirectional: true },
];
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;
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

/** The weights of one direction, and the last state that they give of embedded rows. */
type Direction = readonly [weights: readonly tf.Variable[], last: (x: tf.Tensor3D) => tf.Tensor2D];

type Weight = (label: string, shape: number[]) => tf.Variable;

function direction({ cell }: Model, { width, units }: Size, weight: Weight, goBackwards: boolean): Direction {
  const columns = GATES[cell] * units;
  const label = goBackwards ? "backward" : "forward";
  const kernel = weight(`${label}/kernel`, [width, columns]) as tf.Variable & tf.Tensor2D;
  const recurrentKernel = weight(`${label}/recurrent`, [units, columns]) as tf.Variable & tf.Tensor2D;
  // The GRU's bias is of the inputs and of the state, as in PyTorch.
  const bias = weight(`${label}/bias`, cell === "gru" ? [2, columns] : [columns]) as tf.Variable & tf.Tensor1D;
  const run = { lstm, gru, rnn: simpleRnn }[cell];
  return [[kernel, recurrentKernel, bias], (x) => run({ x, kernel, recurrentKernel, bias, goBackwards }).h];
}

/** The model as variables; `close` frees it. */
function buildModel(model: Model, size: Size): { train: () => void; infer: () => void; close: () => void } {
  const { batch, time, vocabulary, width, units, classes } = size;
  const weight: Weight = (label, shape) => {
    const initial = tf.randomUniform(shape, -0.1, 0.1, "float32", 1);
    const variable = tf.variable(initial, true, label);
    initial.dispose();
    return variable;
  };
  const table = weight("table", [vocabulary, width]);
  const directions = [direction(model, size, weight, false)];
  if (model.bidirectional) directions.push(direction(model, size, weight, true));
  const output = weight("output", [units * directions.length, classes]);
  const outputBias = weight("outputBias", [classes]);
  const variables = [table, ...directions.flatMap(([weights]) => weights), output, outputBias];
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1) as tf.Tensor2D;
  const labels = tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D;
  const optimizer = adam();

  const logits = (): tf.Tensor2D => {
    const x = embedding(ids, table as tf.Tensor2D);
    const states = directions.map(([, last]) => last(x));
    const state = states.length === 1 ? (states[0] as tf.Tensor2D) : tf.concat(states, 1);
    return dense(state, output as tf.Tensor2D, outputBias as tf.Tensor1D) as tf.Tensor2D;
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
async function peerTimes({ cell, bidirectional }: Model, size: Size): Promise<Times | string> {
  const folder = peersFolder();
  if (folder === null) return "no peers: set SEQLOOM_PEERS to the folder of torch_rnn.py";
  const script = join(folder, "torch_rnn.py");
  const shape = [size.batch, size.time, size.vocabulary, size.width, size.units, size.classes].map(String);
  try {
    const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    const both = bidirectional ? ["--bidirectional"] : [];
    const args = [script, cell, ...shape, ...both, "--seconds", String(SECONDS)];
    const { stdout } = await promisify(execFile)(python, args);
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

/** What there is on both sides of a model and a size. */
interface Measured {
  readonly ours: Ours;
  readonly peers: readonly (Times | string)[];
}

function compare({ title }: Model, size: Size, what: "train" | "infer", { ours, peers }: Measured): Comparison {
  const measured = peers.filter((times) => typeof times !== "string");
  const peer = measured.length === 0 ? null : medians(measured)[what];
  const note = peers.find((times) => typeof times === "string");
  const model = `${title} ${size.units}, batch ${size.batch}, ${size.time} steps, vocabulary ${size.vocabulary}`;
  return compared(`${name}: ${what}, ${model}, ${ours.threads} threads`, "ms", ours.times[what], peer, note);
}

/** Times with a number of threads. */
interface Ours {
  readonly threads: number;
  readonly times: Times;
}

/** One round of a model of a size with a number of threads. */
async function measure(kind: Model, size: Size, threads: number): Promise<Times> {
  await registerSimdBackend({ threads });
  const model = buildModel(kind, size);
  const times = { train: timeOf(model.train, SECONDS / 3), infer: timeOf(model.infer, SECONDS / 6) };
  model.close();
  disposeSimd();
  return times;
}

/** Measures a model of a size, ours and the peer's by turns. */
async function measureBoth(model: Model, size: Size): Promise<Measured> {
  const counts = [...new Set([1, availableParallelism()])];
  const rounds = new Map<number, Times[]>(counts.map((threads) => [threads, []]));
  const peers: (Times | string)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const threads of counts) rounds.get(threads)?.push(await measure(model, size, threads));
    peers.push(await peerTimes(model, size));
  }
  const all = [...rounds].map(([threads, times]): Ours => ({ threads, times: medians(times) }));
  return { ours: all.reduce((left, right) => (right.times.train < left.times.train ? right : left)), peers };
}

/** Measures all models and sizes; of both sides the better of one thread and all counts, by the training step. */
export async function run(): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  for (const model of MODELS) {
    for (const size of SIZES) {
      const measured = await measureBoth(model, size);
      rows.push(compare(model, size, "train", measured), compare(model, size, "infer", measured));
    }
  }
  return rows;
}
