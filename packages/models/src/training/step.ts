import type { Random } from "@seqloom/core";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";
import type { BatchSource } from "../input.js";
import type { Objective } from "../losses.js";
import { forward, type Network } from "../network.js";
import type { ScheduledOptimizer } from "../optimizers.js";
import { penaltyOf } from "../regularizers.js";
import type { Memory } from "./memory.js";
import type { Targets } from "./targets.js";

/** A network in training. */
export interface Training {
  readonly device: Device;
  readonly network: Network;
  readonly objective: Objective;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly optimizer: ScheduledOptimizer;
  /** Most that an entry of a gradient may be; null: no limit. */
  readonly clipValue: number | null;
  /** Most that the norm of all gradients together may be; null: no limit. */
  readonly clipNorm: number | null;
  /** The states of stateful layers between the steps. */
  readonly memory: Memory;
}

/** The rows of one step. */
export interface StepRows {
  readonly source: BatchSource;
  readonly rows: Int32Array;
  readonly targets: Targets;
  /** In the loss; null: 1 each. */
  readonly weights: Float32Array | null;
}

/**
 * One step: gradients of the mean loss and of the cost of the weights, clipped, then the optimizer.
 * @returns the losses and the outputs of the rows and, where weights cost something, their cost; to be disposed of
 */
export function trainStep(training: Training, { source, rows, targets, weights }: StepRows, random: Random): Tensor[] {
  const { device, network, objective, variables, memory } = training;
  const { tf } = device;
  const kept: Tensor[] = [];
  const updates = new Map<string, Tensor>();
  const trained = [...variables.values()].filter(({ trainable }) => trainable);
  try {
    tf.tidy(() => {
      const { x, mask } = source.batch(tf, rows);
      const { grads } = tf.variableGrads(() => {
        const costs: Scalar[] = [];
        const outputs = forward(network, x, variables, { device, random, mask, updates, costs, memory: memory.layers });
        const losses = objective.losses(device, outputs, targets, weights);
        kept.push(tf.keep(losses), tf.keep(objective.shown?.(device, outputs, targets) ?? outputs));
        const penalty = penaltyOf(device, network, variables, costs);
        if (penalty === null) return tf.mean(losses);
        kept.push(tf.keep(penalty));
        return tf.add(tf.mean(losses), penalty);
      }, trained);
      applyGradients(training, grads);
    });
    memory.advance();
    for (const [name, value] of updates) variables.get(name)?.assign(value);
    return kept;
  } catch (error) {
    tf.dispose(kept);
    throw error;
  } finally {
    tf.dispose([...updates.values()]);
  }
}

function applyGradients(
  { device: { ops, readsAtOnce }, optimizer, clipValue, clipNorm }: Training,
  grads: Record<string, Tensor>,
): void {
  const bounded = clipValue === null ? grads : ops.clipByValue(grads, clipValue);
  if (clipNorm === null) optimizer.step(bounded);
  else if (readsAtOnce) optimizer.step(bounded, ops.globalNormFactor(bounded, clipNorm));
  else optimizer.step(ops.clipByGlobalNorm(bounded, clipNorm));
}
