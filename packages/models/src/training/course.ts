/**
 * @file Where a training is, and how that becomes the files of a checkpoint and is read back. Randomness needs no state: the
 * streams of shuffles and dropout are named by epoch and step.
 */
import { decodeSafetensors, type EncodedFile, encodeSafetensors, type TensorData } from "@seqloom/core";
import type { Variable } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../device.js";
import type { OptimizerState } from "../ops/optimizer.js";
import type { Monitor, MonitorState } from "./monitor.js";
import type { ScoreSums } from "./score.js";
import type { Training } from "./step.js";

/** Weights by name, as plain numbers. */
export type Weights = Map<string, Float32Array>;

/** Where a training is: all that the rest of it depends on, beside the job, the variables, the optimizer and the monitor. */
export interface Course {
  /** The epoch that runs or comes next, from 1. */
  epoch: number;
  /** Steps of it that were taken. */
  step: number;
  /** What these steps scored; null where there were none. */
  sums: ScoreSums | null;
  /** Nothing is left to do. */
  done: boolean;
  readonly history: Record<string, number[]>;
  /** Weights of the best epoch so far, when they are kept. */
  best: Weights | null;
  /** Weights of the last epoch that went well, when they are kept. */
  last: Weights | null;
}

/** The beginning. */
export function newCourse(): Course {
  return { epoch: 1, step: 0, sums: null, done: false, history: {}, best: null, last: null };
}

/** How far a training is, in words: `epoch 3` when that is over, else `epoch 4, step 20 of 46`. */
export function placeOf({ epoch, step }: Course, steps: number): string {
  return step === 0 ? `epoch ${epoch - 1}` : `epoch ${epoch}, step ${step} of ${steps}`;
}

/** The numbers of a variable. A copy: some backends give a view of memory that the next step overwrites. */
export async function readWeights(variables: ReadonlyMap<string, Variable>): Promise<Weights> {
  const values: Weights = new Map();
  for (const [name, variable] of variables) values.set(name, Float32Array.from(await variable.data()));
  return values;
}

const FORMAT = 1;

interface Stored extends Omit<Course, "best" | "last"> {
  readonly format: typeof FORMAT;
  readonly monitor: MonitorState;
  readonly optimizer: Omit<OptimizerState, "slots">;
}

const FILES = { course: "training.json", tensors: "training.safetensors" } as const;

/** The files of a checkpoint. */
export async function encodeCourse(course: Course, training: Training, monitor: Monitor): Promise<EncodedFile[]> {
  const { variables, optimizer, memory } = training;
  const { slots, ...rest } = await optimizer.state();
  const tensors = new Map<string, TensorData>();
  const add = (group: string, weights: Weights | null): void => {
    for (const [name, values] of weights ?? []) {
      tensors.set(`${group}/${name}`, { dtype: "float32", shape: variables.get(name)?.shape ?? [], values });
    }
  };
  add("weights", await readWeights(variables));
  add("best", course.best);
  add("last", course.last);
  for (const [name, state] of await memory.read()) tensors.set(`memory/${name}`, state);
  const names = new Map([...variables].map(([name, variable]) => [variable.name, name]));
  for (const [key, { shape, values }] of Object.entries(slots)) {
    // The names of variables are numbers that another process gives otherwise.
    const [, variable, kind] = /^(.*)\/([^/]*)$/.exec(key) ?? [];
    tensors.set(`slots/${names.get(variable)}/${kind}`, { dtype: "float32", shape, values });
  }
  const { best, last, ...plain } = course;
  const stored: Stored = { format: FORMAT, ...plain, monitor: monitor.state, optimizer: rest };
  return [
    { name: FILES.course, bytes: Buffer.from(JSON.stringify(stored)) },
    { name: FILES.tensors, bytes: encodeSafetensors(tensors) },
  ];
}

/**
 * Takes a training to where a checkpoint was made.
 * @returns null, and nothing is changed, when the files are not of a training of this network.
 */
export function restoreCourse(
  files: readonly EncodedFile[],
  { device: { tf }, variables, optimizer, memory }: Training,
  monitor: Monitor,
): Course | null {
  const bytes = (name: string): Uint8Array | undefined => files.find((file) => file.name === name)?.bytes;
  const [text, packed] = [bytes(FILES.course), bytes(FILES.tensors)];
  if (text === undefined || packed === undefined) return null;
  const { format, monitor: seen, optimizer: steps, ...plain } = JSON.parse(Buffer.from(text).toString()) as Stored;
  if (format !== FORMAT) return null;
  const groups = new Map<string, Map<string, TensorData>>();
  for (const [path, tensor] of decodeSafetensors(packed)) {
    const [, group, name] = /^([^/]*)\/(.*)$/.exec(path) ?? [];
    groups.set(group, (groups.get(group) ?? new Map()).set(name, tensor));
  }
  const weights = groups.get("weights");
  for (const [name, { shape }] of variables) {
    if (String(weights?.get(name)?.shape) !== String(shape)) return null;
  }
  for (const [name, variable] of variables) assign(tf, variable, weights?.get(name) as TensorData);
  optimizer.restore({ ...steps, slots: slotsOf(groups.get("slots"), variables) });
  memory.write(groups.get("memory") ?? new Map());
  monitor.restore(seen);
  return { ...plain, best: plainWeights(groups.get("best")), last: plainWeights(groups.get("last")) };
}

function assign(tf: TensorFlow, variable: Variable, { values, shape }: TensorData): void {
  const tensor = tf.tensor(values as Float32Array, [...shape], "float32");
  variable.assign(tensor);
  tensor.dispose();
}

function slotsOf(
  tensors: ReadonlyMap<string, TensorData> | undefined,
  variables: ReadonlyMap<string, Variable>,
): OptimizerState["slots"] {
  const slots: Record<string, OptimizerState["slots"][string]> = {};
  for (const [path, { shape, values }] of tensors ?? []) {
    const [, name, kind] = /^(.*)\/([^/]*)$/.exec(path) ?? [];
    slots[`${variables.get(name)?.name}/${kind}`] = { shape, values: values as Float32Array };
  }
  return slots;
}

function plainWeights(tensors: ReadonlyMap<string, TensorData> | undefined): Weights | null {
  return (tensors && new Map([...tensors].map(([name, { values }]) => [name, values as Float32Array]))) || null;
}
