import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";
import { checkState, type Optimizer, type OptimizerState, ownValues, Slots, variableNamed } from "./optimizer.js";

/** Parameters of Adam; the defaults are Keras'. */
export interface AdamOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015, the form at the end of section 2, as in Keras):
 * m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v); w -= rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
 */
export class Adam implements Optimizer {
  readonly name = "adam";
  learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly #slots = new Slots();
  #iterations = 0;
  // Products and not Math.pow, whose last bit differs between versions of the JavaScript engine.
  #power1 = 1;
  #power2 = 1;

  constructor({ learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamOptions = {}) {
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  get iterations(): number {
    return this.#iterations;
  }

  step(gradients: tf.NamedTensorMap): void {
    this.#advance();
    const rate = (this.learningRate * Math.sqrt(1 - this.#power2)) / (1 - this.#power1);
    const fused = hasKernel("SeqloomAdam");
    for (const [name, gradient] of Object.entries(gradients)) {
      const value = variableNamed(name);
      const m = this.#slots.of(value, "m");
      const v = this.#slots.of(value, "v");
      if (fused) this.#fused(value, m, v, gradient, rate);
      else this.#composed(value, m, v, gradient, rate);
    }
  }

  async state(): Promise<OptimizerState> {
    return { name: this.name, iterations: this.#iterations, slots: await this.#slots.read() };
  }

  restore(state: OptimizerState): void {
    checkState(this.name, state);
    this.#slots.write(state.slots);
    this.#iterations = 0;
    this.#power1 = 1;
    this.#power2 = 1;
    while (this.#iterations < state.iterations) this.#advance();
  }

  dispose(): void {
    this.#slots.dispose();
  }

  #advance(): void {
    this.#iterations++;
    this.#power1 *= this.beta1;
    this.#power2 *= this.beta2;
  }

  #fused(value: tf.Variable, m: tf.Variable, v: tf.Variable, gradient: tf.Tensor, rate: number): void {
    for (const variable of [value, m, v]) ownValues(variable);
    runKernel<tf.Tensor[]>(
      "SeqloomAdam",
      { value, m, v, gradient },
      { rate, oneMinusBeta1: 1 - this.beta1, oneMinusBeta2: 1 - this.beta2, epsilon: this.epsilon, factor: 1 },
    );
  }

  #composed(value: tf.Variable, m: tf.Variable, v: tf.Variable, gradient: tf.Tensor, rate: number): void {
    tf.tidy(() => {
      m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), 1 - this.beta1)));
      v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - this.beta2)));
      value.assign(tf.sub(value, tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), this.epsilon))));
    });
  }
}

/** Makes an Adam optimizer. */
export function adam(options: AdamOptions = {}): Adam {
  return new Adam(options);
}
