import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

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
  /**
   * Changes each variable that a gradient is given for, by its name. `factor` is multiplied to all gradients first: see
   * {@link globalNormFactor}. Throws when there is no variable of a name.
   */
  step(gradients: tf.NamedTensorMap, factor?: number): void;
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

/** The running values of an optimizer: one tensor for each variable and kind. */
export class Slots {
  readonly #variables = new Map<string, tf.Variable>();
  readonly #initial: number;

  constructor(initial: number) {
    this.#initial = initial;
  }

  /** The slot of a kind (such as `m`) for a variable. */
  of(variable: tf.Variable, kind: string): tf.Variable {
    const key = `${variable.name}/${kind}`;
    let slot = this.#variables.get(key);
    if (slot === undefined) {
      slot = newSlot(tf.fill(variable.shape, this.#initial));
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

/** What one step of an optimizer is given for one variable. */
export interface Update {
  readonly value: tf.Variable;
  readonly gradient: tf.Tensor;
  /** Multiplied to the gradient. */
  readonly factor: number;
  /** The running values of a kind for this variable. */
  slot(kind: string): tf.Variable;
}

/** The part that all optimizers share: steps, running values, state. A kind says what a step does to one variable. */
export abstract class SlotOptimizer implements Optimizer {
  abstract readonly name: string;
  learningRate: number;
  readonly #slots: Slots;
  #iterations = 0;

  /** @param initial what running values begin with, zeros unless said. */
  constructor(learningRate: number, initial = 0) {
    this.learningRate = learningRate;
    this.#slots = new Slots(initial);
  }

  get iterations(): number {
    return this.#iterations;
  }

  step(gradients: tf.NamedTensorMap, factor = 1): void {
    this.#iterations++;
    this.advance();
    const fused = hasKernel(this.kernel);
    for (const [name, gradient] of Object.entries(gradients)) {
      const value = variableNamed(name);
      const slot = (kind: string): tf.Variable => this.#slots.of(value, kind);
      if (fused) this.#fused(this.fused({ value, gradient, factor, slot }), gradient);
      else tf.tidy(() => this.composed({ value, gradient: scaled(gradient, factor), factor: 1, slot }));
    }
  }

  async state(): Promise<OptimizerState> {
    return { name: this.name, iterations: this.#iterations, slots: await this.#slots.read() };
  }

  restore(state: OptimizerState): void {
    if (state.name !== this.name) {
      throw new Error(`The state is of the optimizer "${state.name}", not of "${this.name}"`);
    }
    this.#slots.write(state.slots);
    this.reset();
    // What depends on the number of steps is a product over them, so that it has the same bits as without the stop.
    for (this.#iterations = 0; this.#iterations < state.iterations; this.#iterations++) this.advance();
  }

  dispose(): void {
    this.#slots.dispose();
  }

  /** Name of the kernel that takes a step at once. */
  protected abstract readonly kernel: string;
  /** What changes with each step, whatever the variable. */
  protected advance(): void {}
  /** Back to before the first step. */
  protected reset(): void {}
  /** What the kernel is given: the tensors that it changes in place, and its attributes. */
  protected abstract fused(update: Update): FusedUpdate;
  /** The same by stock operations, on the gradient times its factor. Runs in a tidy scope. */
  protected abstract composed(update: Update): void;

  #fused({ changed, attributes }: FusedUpdate, gradient: tf.Tensor): void {
    for (const variable of Object.values(changed)) if (variable !== undefined) ownValues(variable);
    runKernel<tf.Tensor[]>(this.kernel, { ...changed, gradient }, attributes);
  }
}

/** What a kernel of an optimizer is given, beside the gradient. */
export interface FusedUpdate {
  readonly changed: Readonly<Record<string, tf.Variable | undefined>>;
  readonly attributes: object;
}

function scaled(gradient: tf.Tensor, factor: number): tf.Tensor {
  return factor === 1 ? gradient : tf.mul(gradient, factor);
}
