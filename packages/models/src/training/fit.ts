import { fail, type StageContext } from "@seqloom/core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";
import type { BatchSource } from "../input.js";
import type { Objective } from "../losses.js";
import { forward, initialWeights, type Network } from "../network.js";
import { type OptimizerParams, optimizerOf } from "../optimizers.js";
import { batches, INFERENCE_BATCH, infer, inOrder } from "./infer.js";
import { Monitor, type MonitorParams } from "./monitor.js";
import { Pacer } from "./pacer.js";
import { Score } from "./score.js";

/** Rows to learn from or to check against: their inputs and the class of each. */
export interface TrainingRows {
  readonly source: BatchSource;
  readonly targets: Int32Array;
}

/** Everything that training depends on, beside the context's randomness. */
export interface TrainingJob extends MonitorParams {
  readonly device: Device;
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: OptimizerParams;
  readonly train: TrainingRows;
  readonly validation: TrainingRows | null;
  /** The weight of each class in the loss; null: all alike. */
  readonly classWeights: Float32Array | null;
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
}

/** What training gives. */
export interface Trained {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** `loss`, `accuracy`, `val_loss`, `val_accuracy`: a number per epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** The epoch, from 1, whose weights these are, when the best are kept; else null. */
  readonly bestEpoch: number | null;
}

/**
 * Trains a network from fresh weights. The result is a function of the job and of `context.random` alone.
 * @throws DiagnosticError `loss-not-finite`; the signal's reason when aborted. Nothing is left on the device either way.
 */
export async function fitNetwork(job: TrainingJob, context: StageContext): Promise<Trained> {
  const variables = variablesOf(job, context);
  const optimizer = optimizerOf(job.device, job.optimizer);
  try {
    return await trainEpochs({ ...job, variables, optimizer }, context);
  } finally {
    optimizer.dispose();
    for (const variable of variables.values()) variable.dispose();
  }
}

interface State extends Omit<TrainingJob, "optimizer"> {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly optimizer: ReturnType<typeof optimizerOf>;
}

function variablesOf({ device: { tf }, network }: TrainingJob, context: StageContext): Map<string, Variable> {
  const values = initialWeights(network, context.random.fork("weights"));
  const variables = new Map<string, Variable>();
  for (const { name, weights } of network.layers) {
    for (const { name: weight, shape } of weights) {
      const full = `${name}/${weight}`;
      const initial = tf.tensor(values.get(full)!, [...shape], "float32");
      variables.set(full, tf.variable(initial));
      initial.dispose();
    }
  }
  return variables;
}

async function trainEpochs(state: State, context: StageContext): Promise<Trained> {
  const monitor = new Monitor(state);
  const pacer = new Pacer(context);
  const history: Record<string, number[]> = {};
  let best: Map<string, Float32Array> | null = null;
  for (let epoch = 1; epoch <= state.epochs; epoch++) {
    const trained = await trainEpoch(state, epoch, pacer, context);
    const metrics: Record<string, number> = { loss: trained.loss, accuracy: trained.accuracy };
    if (state.validation !== null) {
      const checked = await validate(state, state.validation, pacer);
      if (!Number.isFinite(checked.loss)) throw notFinite("validation", epoch);
      metrics.val_loss = checked.loss;
      metrics.val_accuracy = checked.accuracy;
    }
    context.epoch(epoch, state.epochs, metrics);
    for (const [name, value] of Object.entries(metrics)) {
      history[name] ??= [];
      history[name].push(value);
    }
    const { isBest, stop } = monitor.see(epoch, metrics);
    if (isBest) best = await read(state.variables);
    if (stop) break;
  }
  return { weights: best ?? (await read(state.variables)), history, bestEpoch: monitor.bestEpoch };
}

async function trainEpoch(state: State, epoch: number, pacer: Pacer, context: StageContext): Promise<Score> {
  const { source, targets } = state.train;
  const order = state.shuffle
    ? context.random.fork("shuffle").fork(epoch).permutation(source.rows)
    : inOrder(source.rows);
  const dropout = context.random.fork("dropout").fork(epoch);
  const steps = Math.ceil(source.rows / state.batchSize);
  const score = new Score(state.objective);
  let step = 0;
  for (const rows of batches(order, state.batchSize)) {
    const done = (epoch - 1) * steps + step++;
    await pacer.pause({
      done,
      total: steps * state.epochs,
      unit: "batches",
      message: `epoch ${epoch} of ${state.epochs}`,
    });
    const wanted = Int32Array.from(rows, (row) => targets[row]);
    const kept = trainStep(state, rows, wanted, dropout.fork(step));
    try {
      const [losses, logits] = await Promise.all(kept.map((tensor) => tensor.data()));
      score.add(losses, logits, wanted);
    } finally {
      state.device.tf.dispose(kept);
    }
    if (!Number.isFinite(score.loss)) throw notFinite("training", epoch, ` step ${step} of ${steps},`);
  }
  return score;
}

/** One step: gradients of the mean loss, then the optimizer. Gives the losses and the logits of the rows, to be disposed of. */
function trainStep(state: State, rows: Int32Array, targets: Int32Array, random: StageContext["random"]): Tensor[] {
  const { device, network, objective, classWeights, variables, optimizer } = state;
  const { tf } = device;
  const kept: Tensor[] = [];
  tf.tidy(() => {
    const { x, mask } = state.train.source.batch(tf, rows);
    const weights = classWeights === null ? null : Float32Array.from(targets, (target) => classWeights[target]);
    const { grads } = tf.variableGrads(() => {
      const logits = forward(network, x, variables, { device, random, mask });
      const losses = objective.losses(device, logits, targets, weights);
      kept.push(tf.keep(losses), tf.keep(logits));
      return tf.mean(losses);
    }, [...variables.values()]);
    optimizer.step(grads);
  });
  return kept;
}

async function validate(state: State, { source, targets }: TrainingRows, pacer: Pacer): Promise<Score> {
  const { device, network, objective, variables } = state;
  const score = new Score(objective);
  let done = 0;
  for (const rows of batches(inOrder(source.rows), INFERENCE_BATCH)) {
    await pacer.pause({ done, total: source.rows, unit: "rows", message: "validation" });
    done += rows.length;
    const wanted = Int32Array.from(rows, (row) => targets[row]);
    const loaded = { device, network, weights: variables };
    const [losses, logits] = await infer(loaded, source, rows, (output) => [
      objective.losses(device, output, wanted, null),
      output,
    ]);
    score.add(losses, logits, wanted);
  }
  return score;
}

async function read(variables: ReadonlyMap<string, Variable>): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  // A copy: some backends give a view of memory that the next step overwrites.
  for (const [name, variable] of variables) values.set(name, Float32Array.from(await variable.data()));
  return values;
}

function notFinite(which: string, epoch: number, step = ""): Error {
  return fail(
    "loss-not-finite",
    `the ${which} loss is not finite in epoch ${epoch},${step} so training stops and keeps nothing`,
    {
      hint:
        "Lower `learning_rate` first (ten times). Else look for values that are not finite or very large in the input, " +
        "and scale it; a larger `batch_size` helps too.",
    },
  );
}
