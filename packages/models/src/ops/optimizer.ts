import * as tf from "@tensorflow/tfjs-core";
import { runKernel } from "./fused.js";

/** State of an optimizer as plain data. */
export interface OptimizerState {
  readonly name: string;
  /** Steps taken. */
  readonly iterations: number;
  /** Running values of each variable, such as `lstm/kernel/m`. */
  readonly slots: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
}

/** Changes variables by their gradients. */
export interface Optimizer {
  readonly name: string;
  /** May be changed between steps. */
  learningRate: number;
  /** Steps taken. */
  readonly iterations: number;
  /** Changes each variable that a gradient is given for, by its name. Throws when there is no variable of a name. */
  step(gradients: tf.NamedTensorMap): void;
  /** Reads the state. */
  state(): Promise<OptimizerState>;
  /** Goes on from a state. Throws when it is another optimizer's. */
  restore(state: OptimizerState): void;
  /** Frees the running values. */
  dispose(): void;
}

/** The variable of a name. */
export function variableNamed(name: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name];
  if (variable === undefined) throw new Error(`There is a gradient for "${name}" but no variable of that name`);
  return variable;
}

/** Gives a variable values that no other tensor shares, so that they may be changed in place. */
export function ownValues(variable: tf.Variable): void {
  if (tf.backend().refCount(variable.dataId) === 1) return;
  const copy = runKernel<tf.Tensor>("SeqloomCopy", { x: variable });
  variable.assign(copy);
  copy.dispose();
}

/** The running values of an optimizer: zeros at first, one tensor for each variable and kind. */
export class Slots {
  readonly #variables = new Map<string, tf.Variable>();

  /** The slot of a kind (such as `m`) for a variable. */
  of(variable: tf.Variable, kind: string): tf.Variable {
    const key = `${variable.name}/${kind}`;
    let slot = this.#variables.get(key);
    if (slot === undefined) {
      slot = newSlot(tf.zeros(variable.shape));
      this.#variables.set(key, slot);
    }
    return slot;
  }

  async read(): Promise<OptimizerState["slots"]> {
    const slots: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
    for (const [key, slot] of [...this.#variables].sort(([a], [b]) => (a < b ? -1 : 1))) {
      slots[key] = { shape: slot.shape, values: Float32Array.from(await slot.data()) };
    }
    return slots;
  }

  write(slots: OptimizerState["slots"]): void {
    this.dispose();
    for (const [key, { shape, values }] of Object.entries(slots)) {
      this.#variables.set(key, newSlot(tf.tensor(Float32Array.from(values), [...shape], "float32")));
    }
  }

  dispose(): void {
    for (const slot of this.#variables.values()) slot.dispose();
    this.#variables.clear();
  }
}

/** Slots outlive the scope that the first step happens in, and keep no second name for their values. */
function newSlot(initial: tf.Tensor): tf.Variable {
  const slot = tf.variable(initial, false);
  initial.dispose();
  return slot;
}

/** Steps and state that an optimizer is restored from. Throws when the state is another optimizer's. */
export function checkState(name: string, state: OptimizerState): void {
  if (state.name !== name) throw new Error(`The state is of the optimizer "${state.name}", not of "${name}"`);
}
