/** @file A model of ours beside the same model in PyTorch: one training step, and one inference batch. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { adam, softmaxCrossEntropy } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { type Comparison, compared, median, peersFolder } from "./measure.js";

/** A classifier to measure: its logits, and the tensors that it holds. */
export interface Classifier {
  readonly logits: () => tf.Tensor2D;
  /** Labels of the batch, `[batch]`. */
  readonly labels: tf.Tensor1D;
  readonly held: readonly tf.Tensor[];
}

/** What is compared, and how. */
export interface TorchComparison {
  readonly bench: string;
  /** Layers and sizes, for the name of the comparison. */
  readonly model: string;
  /** Builds our model on the backend that is active. */
  readonly build: () => Classifier;
  /** The script of the peer and its arguments, or why there is none. It prints `{"train_ms", "infer_ms"}`. */
  readonly peer: readonly string[] | string;
  /** Seconds that each side measures in a round. */
  readonly seconds: number;
}

/** Milliseconds of one step. */
export interface Times {
  readonly train: number;
  readonly infer: number;
}

export const ROUNDS = 3;

/** A script of the folder that `SEQLOOM_PEERS` names, or why it is not there. */
export function foreignPeer(script: string, ...args: readonly string[]): readonly string[] | string {
  const folder = peersFolder();
  return folder === null ? `no peers: set SEQLOOM_PEERS to the folder of ${script}` : [join(folder, script), ...args];
}

/** A script of bench/peers. */
export function ownPeer(script: string, ...args: readonly string[]): readonly string[] {
  return [fileURLToPath(new URL(`../../peers/${script}`, import.meta.url)), ...args];
}

/** A variable of small random numbers. */
export function weight(label: string, shape: readonly number[]): tf.Variable {
  const initial = tf.randomUniform([...shape], -0.1, 0.1, "float32", 1);
  const variable = tf.variable(initial, true, label);
  initial.dispose();
  return variable;
}

/** Measures both sides by turns; of both the better of one thread and all counts, by the training step. */
export async function compareWithTorch(comparison: TorchComparison): Promise<Comparison[]> {
  const { bench, model, build, seconds } = comparison;
  const rounds = new Map<number, Times[]>([...new Set([1, availableParallelism()])].map((threads) => [threads, []]));
  const peers: Times[] = [];
  let note: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [threads, times] of rounds) times.push(await ourTimes(build, threads, seconds));
    const theirs = await peerTimes(comparison);
    if (typeof theirs === "string") note = theirs;
    else peers.push(theirs);
  }
  const all = [...rounds].map(([threads, times]) => ({ threads, ...medians(times) }));
  const best = all.reduce((left, right) => (right.train < left.train ? right : left));
  const peer = peers.length === 0 ? null : medians(peers);
  return (["train", "infer"] as const).map((what) =>
    compared(`${bench}: ${what}, ${model}, ${best.threads} threads`, "ms", best[what], peer?.[what] ?? null, note),
  );
}

/** Milliseconds of a step of ours with a number of threads: one round of so many seconds. */
export async function ourTimes(build: () => Classifier, threads: number, seconds: number): Promise<Times> {
  await registerSimdBackend({ threads });
  const { logits, labels, held } = build();
  const optimizer = adam();
  const train = (): void => {
    const { value, grads } = tf.variableGrads(() => tf.mean(softmaxCrossEntropy(logits(), labels)));
    optimizer.step(grads);
    value.dispose();
    tf.dispose(grads);
  };
  const infer = (): void => tf.tidy(() => void logits());
  const times = { train: timeOf(train, seconds / 3), infer: timeOf(infer, seconds / 6) };
  optimizer.dispose();
  tf.dispose([...held, labels]);
  disposeSimd();
  return times;
}

/** PyTorch's times, or why there are none. */
async function peerTimes({ peer, seconds }: TorchComparison): Promise<Times | string> {
  if (typeof peer === "string") return peer;
  try {
    const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    const { stdout } = await promisify(execFile)(python, [...peer, "--seconds", String(seconds)]);
    const row = JSON.parse(stdout) as { train_ms: number; infer_ms: number };
    return { train: row.train_ms, infer: row.infer_ms };
  } catch {
    return "no peer: Python or PyTorch is missing";
  }
}

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

/** The median of each kind of time over the rounds. */
export function medians(rounds: readonly Times[]): Times {
  return { train: median(rounds.map((times) => times.train)), infer: median(rounds.map((times) => times.infer)) };
}
