import { DiagnosticError, fail, type StageContext } from "@seqloom/core";
import type { Variable } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";
import type { BatchSource } from "../input.js";
import type { Objective } from "../losses.js";
import { initialWeights, type Network } from "../network.js";
import { type OptimizerParams, optimizerOf } from "../optimizers.js";
import { profiled } from "../profile/profile.js";
import { penaltyOf } from "../regularizers.js";
import { batches, INFERENCE_BATCH, infer, inOrder } from "./infer.js";
import { Memory } from "./memory.js";
import { Monitor, type MonitorParams } from "./monitor.js";
import { Pacer } from "./pacer.js";
import { Score } from "./score.js";
import { type Training, trainStep } from "./step.js";
import { pickTargets, pickWeights, type Targets } from "./targets.js";

/** Rows to learn from or to check against: their inputs and what they should give. */
export interface TrainingRows {
  readonly source: BatchSource;
  readonly targets: Targets;
  /** What each row counts, in the loss and in the metric; null: 1 each. */
  readonly weights: Float32Array | null;
}

/** Everything that training depends on, beside the context's randomness. */
export interface TrainingJob extends MonitorParams {
  readonly device: Device;
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: OptimizerParams;
  readonly clip_value: number | null;
  readonly clip_norm: number | null;
  readonly train: TrainingRows;
  readonly validation: TrainingRows | null;
  /** The weight of each class in the loss; null: all alike. */
  readonly classWeights: Float32Array | null;
  readonly epochs: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** When the loss is not finite: fail, or end with the weights of the last epoch before. */
  readonly on_divergence: "fail" | "stop";
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
  const steps = Math.ceil(job.train.source.rows / job.batchSize);
  const optimizer = optimizerOf(job.device, job.optimizer, steps * job.epochs);
  const { clip_value: clipValue, clip_norm: clipNorm } = job;
  const memory = new Memory(job.device.tf);
  const state: State = { ...job, variables, optimizer, clipValue, clipNorm, memory, steps };
  try {
    return await profiled(job.device, context, () => trainEpochs(state, context));
  } finally {
    optimizer.dispose();
    memory.reset();
    for (const variable of variables.values()) variable.dispose();
  }
}

interface State extends Omit<TrainingJob, "optimizer">, Training {
  /** Of an epoch. */
  readonly steps: number;
}

function variablesOf({ device: { tf }, network }: TrainingJob, context: StageContext): Map<string, Variable> {
  const values = initialWeights(network, context.random.fork("weights"));
  const variables = new Map<string, Variable>();
  for (const { name, weights } of network.layers) {
    for (const { name: weight, shape, trainable = true } of weights) {
      const full = `${name}/${weight}`;
      const initial = tf.tensor(values.get(full)!, [...shape], "float32");
      variables.set(full, tf.variable(initial, trainable));
      initial.dispose();
    }
  }
  return variables;
}

type Weights = Map<string, Float32Array>;

async function trainEpochs(state: State, context: StageContext): Promise<Trained> {
  const monitor = new Monitor(state);
  const pacer = new Pacer(context);
  const history: Record<string, number[]> = {};
  let best: Weights | null = null;
  let last: Weights | null = null;
  for (let epoch = 1; epoch <= state.epochs; epoch++) {
    let metrics: Record<string, number>;
    try {
      metrics = await runEpoch(state, epoch, pacer, context);
      if (epoch === state.epochs || state.on_divergence === "stop") last = await finiteWeights(state.variables, epoch);
    } catch (error) {
      const diverged = error instanceof DiagnosticError && error.diagnostics[0]?.code === "loss-not-finite";
      if (!diverged || last === null || state.on_divergence === "fail") throw error;
      context.log(`${error.diagnostics[0].message}; the weights of epoch ${monitor.bestEpoch ?? epoch - 1} are kept`);
      break;
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
  return { weights: best ?? last ?? (await read(state.variables)), history, bestEpoch: monitor.bestEpoch };
}

/** Trains for an epoch and checks the result: the numbers to show. */
async function runEpoch(
  state: State,
  epoch: number,
  pacer: Pacer,
  context: StageContext,
): Promise<Record<string, number>> {
  const { metric } = state.objective;
  const trained = await trainEpoch(state, epoch, pacer, context);
  const metrics: Record<string, number> = { loss: trained.loss, [metric]: trained.metric };
  if (state.validation !== null) {
    const checked = await validate(state, state.validation, pacer);
    if (!Number.isFinite(checked.loss)) throw notFinite("validation loss is", epoch);
    metrics.val_loss = checked.loss;
    metrics[`val_${metric}`] = checked.metric;
  }
  if (state.optimizer.isScheduled) metrics.learning_rate = state.optimizer.learningRate;
  return metrics;
}

async function trainEpoch(state: State, epoch: number, pacer: Pacer, context: StageContext): Promise<Score> {
  const { source, targets, weights } = state.train;
  const order = state.shuffle
    ? context.random.fork("shuffle").fork(epoch).permutation(source.rows)
    : inOrder(source.rows);
  const dropout = context.random.fork("dropout").fork(epoch);
  const { steps } = state;
  const score = new Score(state.objective);
  state.memory.reset();
  let step = 0;
  for (const rows of batches(order, state.batchSize)) {
    const done = (epoch - 1) * steps + step++;
    await pacer.pause({
      done,
      total: steps * state.epochs,
      unit: "batches",
      message: `epoch ${epoch} of ${state.epochs}`,
    });
    const wanted = pickTargets(targets, rows);
    const own = pickWeights(weights, rows);
    const inLoss = lossWeights(wanted, own, state.classWeights);
    const kept = trainStep(state, { source, rows, targets: wanted, weights: inLoss }, dropout.fork(step));
    try {
      const [losses, outputs, penalty] = await Promise.all(kept.map((tensor) => tensor.data()));
      score.add(losses, outputs, wanted, own, penalty?.[0]);
    } finally {
      state.device.tf.dispose(kept);
    }
    if (!Number.isFinite(score.loss)) throw notFinite("training loss is", epoch, ` step ${step} of ${steps},`);
  }
  return score;
}

/** What each row counts in the loss: its own weight times that of its class. */
function lossWeights(
  targets: Targets,
  own: Float32Array | null,
  classWeights: Float32Array | null,
): Float32Array | null {
  if (classWeights === null) return own;
  return Float32Array.from(targets.values, (target, row) => classWeights[target] * (own === null ? 1 : own[row]));
}

async function validate(state: State, { source, targets, weights }: TrainingRows, pacer: Pacer): Promise<Score> {
  const { device, network, objective, variables } = state;
  const score = new Score(objective);
  const memory = new Memory(device.tf);
  const loaded = { device, network, weights: variables, memory };
  let done = 0;
  try {
    for (const rows of batches(inOrder(source.rows), network.stateful ? state.batchSize : INFERENCE_BATCH)) {
      await pacer.pause({ done, total: source.rows, unit: "rows", message: "validation" });
      done += rows.length;
      const wanted = pickTargets(targets, rows);
      const own = pickWeights(weights, rows);
      const [losses, outputs, penalty] = await infer(loaded, source, rows, (output, costs) => [
        objective.losses(device, output, wanted, own),
        objective.shown?.(device, output) ?? output,
        ...[penaltyOf(device, network, variables, costs)].filter((cost) => cost !== null),
      ]);
      score.add(losses, outputs, wanted, own, penalty?.[0]);
    }
  } finally {
    memory.reset();
  }
  return score;
}

/** The weights; a last step can spoil them after its loss was taken. */
async function finiteWeights(variables: ReadonlyMap<string, Variable>, epoch: number): Promise<Weights> {
  const weights = await read(variables);
  for (const [name, values] of weights) {
    if (!values.every(Number.isFinite)) throw notFinite(`weight ${name} after the last step is`, epoch);
  }
  return weights;
}

async function read(variables: ReadonlyMap<string, Variable>): Promise<Weights> {
  const values: Weights = new Map();
  // A copy: some backends give a view of memory that the next step overwrites.
  for (const [name, variable] of variables) values.set(name, Float32Array.from(await variable.data()));
  return values;
}

function notFinite(what: string, epoch: number, step = ""): Error {
  return fail("loss-not-finite", `the ${what} not finite in epoch ${epoch},${step} so training stops`, {
    hint:
      "Lower `learning_rate` first (ten times), or set `clip_norm: 1`. Else look for values that are not finite or very " +
      "large in the input, and scale it; a larger `batch_size` helps too. `on_divergence: stop` keeps the last good epoch.",
  });
}
