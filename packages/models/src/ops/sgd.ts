import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";
import { checkState, type Optimizer, type OptimizerState, ownValues, Slots, variableNamed } from "./optimizer.js";

/** Parameters of gradient descent; the defaults are Keras'. */
export interface SgdOptions {
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/**
 * Gradient descent with momentum, as in Keras: velocity = momentum velocity - rate g; w += velocity; with Nesterov's variant
 * w += momentum velocity - rate g.
 */
export class Sgd implements Optimizer {
  readonly name = "sgd";
  learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly #slots = new Slots();
  #iterations = 0;

  constructor({ learningRate = 0.01, momentum = 0, nesterov = false }: SgdOptions = {}) {
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  get iterations(): number {
    return this.#iterations;
  }

  step(gradients: tf.NamedTensorMap): void {
    this.#iterations++;
    const fused = hasKernel("SeqloomSgd");
    for (const [name, gradient] of Object.entries(gradients)) {
      const value = variableNamed(name);
      const velocity = this.momentum === 0 ? undefined : this.#slots.of(value, "velocity");
      if (fused) this.#fused(value, velocity, gradient);
      else this.#composed(value, velocity, gradient);
    }
  }

  async state(): Promise<OptimizerState> {
    return { name: this.name, iterations: this.#iterations, slots: await this.#slots.read() };
  }

  restore(state: OptimizerState): void {
    checkState(this.name, state);
    this.#slots.write(state.slots);
    this.#iterations = state.iterations;
  }

  dispose(): void {
    this.#slots.dispose();
  }

  #fused(value: tf.Variable, velocity: tf.Variable | undefined, gradient: tf.Tensor): void {
    ownValues(value);
    if (velocity !== undefined) ownValues(velocity);
    const { learningRate: rate, momentum, nesterov } = this;
    runKernel<tf.Tensor[]>("SeqloomSgd", { value, velocity, gradient }, { rate, momentum, nesterov, factor: 1 });
  }

  #composed(value: tf.Variable, velocity: tf.Variable | undefined, gradient: tf.Tensor): void {
    tf.tidy(() => {
      const step = tf.mul(gradient, this.learningRate);
      if (velocity === undefined) {
        value.assign(tf.sub(value, step));
        return;
      }
      velocity.assign(tf.sub(tf.mul(velocity, this.momentum), step));
      const change = this.nesterov ? tf.sub(tf.mul(velocity, this.momentum), step) : velocity;
      value.assign(tf.add(value, change));
    });
  }
}

/** Makes a gradient descent optimizer. */
export function sgd(options: SgdOptions = {}): Sgd {
  return new Sgd(options);
}
