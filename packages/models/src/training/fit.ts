import type { StageContext } from "@seqloom/core";
import type { Variable } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";
import type { BatchSource } from "../input.js";
import type { Objective } from "../losses.js";
import { initialWeights, type Network } from "../network.js";
import { type OptimizerParams, optimizerOf } from "../optimizers.js";
import { profiled } from "../profile/profile.js";
import { type Course, encodeCourse, newCourse, placeOf, readWeights, restoreCourse, type Weights } from "./course.js";
import { divergence, notFinite } from "./diverged.js";
import { type EpochTools, runEpoch } from "./epoch.js";
import { Memory } from "./memory.js";
import { Monitor, type MonitorParams } from "./monitor.js";
import { Pacer } from "./pacer.js";
import type { Training } from "./step.js";
import type { Targets } from "./targets.js";

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
  /** First values of weights that do not begin by an initializer, by their full names. */
  readonly given: ReadonlyMap<string, Float32Array>;
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
 * Trains a network from fresh weights, or goes on from a checkpoint. The result is a function of the job and of
 * `context.random` alone: where it was interrupted, and how often, does not matter.
 * @throws DiagnosticError `loss-not-finite`; the signal's reason when aborted. Nothing is left on the device either way.
 */
export async function fitNetwork(job: TrainingJob, context: StageContext): Promise<Trained> {
  const variables = variablesOf(job, context);
  const steps = Math.ceil(job.train.source.rows / job.batchSize);
  const optimizer = optimizerOf(job.device, job.optimizer, steps * job.epochs);
  const { clip_value: clipValue, clip_norm: clipNorm } = job;
  const memory = new Memory(job.device.tf);
  const state: TrainingState = { ...job, variables, optimizer, clipValue, clipNorm, memory, steps };
  try {
    return await profiled("training", job.device, context, () => trainEpochs(state, context));
  } finally {
    optimizer.dispose();
    memory.reset();
    for (const variable of variables.values()) variable.dispose();
  }
}

/** A training and what it is told. */
export interface TrainingState extends Omit<TrainingJob, "optimizer">, Training {
  /** Of an epoch. */
  readonly steps: number;
}

function variablesOf({ device: { tf }, network, given }: TrainingJob, context: StageContext): Map<string, Variable> {
  const values = initialWeights(network, context.random.fork("weights"));
  const variables = new Map<string, Variable>();
  for (const { name, weights } of network.layers) {
    for (const { name: weight, shape, trainable = true } of weights) {
      const full = `${name}/${weight}`;
      const initial = tf.tensor(given.get(full) ?? values.get(full)!, [...shape], "float32");
      variables.set(full, tf.variable(initial, trainable));
      initial.dispose();
    }
  }
  return variables;
}

async function trainEpochs(state: TrainingState, context: StageContext): Promise<Trained> {
  const monitor = new Monitor(state);
  const course = (await resume(state, monitor, context)) ?? newCourse();
  const save = async (): Promise<void> =>
    context.checkpoint?.save((course.epoch - 1) * (state.steps + 1) + course.step, placeOf(course, state.steps), () =>
      encodeCourse(course, state, monitor),
    );
  const saveIfDue = async (moment: "boundary" | "between"): Promise<void> => {
    if (context.checkpoint?.due(moment) === true) await save();
  };
  const tools = { context, pacer: new Pacer(context), between: () => saveIfDue("between") };
  try {
    while (!course.done) {
      const metrics = await trainOnce(state, course, tools, monitor);
      if (metrics === null) break;
      context.epoch(course.epoch, state.epochs, metrics);
      for (const [name, value] of Object.entries(metrics)) {
        course.history[name] ??= [];
        course.history[name].push(value);
      }
      const { isBest, stop } = monitor.see(course.epoch, metrics);
      if (isBest) course.best = await readWeights(state.variables);
      course.done = stop || course.epoch === state.epochs;
      Object.assign(course, { epoch: course.epoch + 1, step: 0, sums: null });
      await saveIfDue("boundary");
    }
  } catch (error) {
    // The only place where an abort is noticed is between two steps: everything fits together.
    if (context.signal.aborted && error === context.signal.reason && course.epoch + course.step > 1) await save();
    throw error;
  }
  const weights = course.best ?? course.last ?? (await readWeights(state.variables));
  return { weights, history: course.history, bestEpoch: monitor.bestEpoch };
}

/** Goes on from the newest checkpoint, if there is one. */
async function resume(state: TrainingState, monitor: Monitor, context: StageContext): Promise<Course | null> {
  const found = await context.checkpoint?.latest();
  if (!found) return null;
  const course = restoreCourse(found.files, state, monitor);
  if (course !== null) context.checkpoint?.resumed();
  return course;
}

/** An epoch, after which the weights are looked at where they may be the result. Null: it diverged, and training is to end. */
async function trainOnce(
  state: TrainingState,
  course: Course,
  tools: EpochTools,
  monitor: Monitor,
): Promise<Record<string, number> | null> {
  try {
    const metrics = await runEpoch(state, course, tools);
    if (course.epoch === state.epochs || state.on_divergence === "stop") {
      course.last = await finiteWeights(state.variables, course.epoch);
    }
    return metrics;
  } catch (error) {
    const message = divergence(error);
    if (message === null || course.last === null || state.on_divergence === "fail") throw error;
    tools.context.log(`${message}; the weights of epoch ${monitor.bestEpoch ?? course.epoch - 1} are kept`);
    return null;
  }
}

/** The weights; a last step can spoil them after its loss was taken. */
async function finiteWeights(variables: ReadonlyMap<string, Variable>, epoch: number): Promise<Weights> {
  const weights = await readWeights(variables);
  for (const [name, values] of weights) {
    if (!values.every(Number.isFinite)) throw notFinite(`weight ${name} after the last step is`, epoch);
  }
  return weights;
}
