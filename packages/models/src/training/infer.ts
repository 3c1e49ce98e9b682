import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";
import type { BatchSource } from "../input.js";
import { forward, type Network } from "../network.js";
import type { Memory } from "./memory.js";

/** Rows per batch where no gradient is taken. Fixed, so that no result can depend on it. */
export const INFERENCE_BATCH = 256;

/** A network with its weights on a device. */
export interface Loaded {
  readonly device: Device;
  readonly network: Network;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The states of stateful layers between the batches. */
  readonly memory?: Memory;
}

/**
 * Runs rows through a network without dropout and without gradients, and reads what `then` makes of the logits and of what
 * the outputs of layers cost.
 * @returns the numbers of each tensor that `then` gave, in its order.
 */
export async function infer(
  { device, network, weights, memory }: Loaded,
  source: BatchSource,
  rows: Int32Array,
  then: (logits: Tensor, costs: readonly Scalar[]) => readonly Tensor[],
): Promise<readonly ArrayLike<number>[]> {
  const { tf } = device;
  const tensors = tf.tidy(() => {
    const { x, mask } = source.batch(tf, rows);
    const costs: Scalar[] = [];
    const pass = { device, random: null, mask, costs, ...(memory && { memory: memory.layers }) };
    return [...then(forward(network, x, weights, pass), costs)];
  });
  memory?.advance();
  try {
    return await Promise.all(tensors.map((tensor) => tensor.data()));
  } finally {
    tf.dispose(tensors);
  }
}

/** Rows 0 … rows - 1 in batches of consecutive rows. */
export function* batches(order: Int32Array, size: number): Generator<Int32Array> {
  for (let at = 0; at < order.length; at += size) yield order.subarray(at, at + size);
}

/** 0 … rows - 1. */
export function inOrder(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row);
}
