import * as tf from "@tensorflow/tfjs-core";
import { type FusedUpdate, SlotOptimizer, type Update } from "./optimizer.js";

/** Parameters of Adam; the defaults are Keras'. */
export interface AdamOptions {
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Parameters of AdamW; the defaults are Keras'. */
export interface AdamwOptions extends AdamOptions {
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma and Ba 2015, the form at the end of section 2, as in Keras):
 * m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v); w -= rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
 *
 * AdamW (Loshchilov and Hutter 2019) is Adam with w -= rate decay w before each step.
 */
export class Adam extends SlotOptimizer {
  readonly name: "adam" | "adamw";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  protected readonly kernel = "SeqloomAdam";
  // Products and not Math.pow, whose last bit differs between versions of the JavaScript engine.
  #power1 = 1;
  #power2 = 1;

  constructor(name: "adam" | "adamw", options: AdamwOptions) {
    const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0.004 } = options;
    super(learningRate);
    this.name = name;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = name === "adamw" ? weightDecay : 0;
  }

  protected override advance(): void {
    this.#power1 *= this.beta1;
    this.#power2 *= this.beta2;
  }

  protected override reset(): void {
    this.#power1 = 1;
    this.#power2 = 1;
  }

  protected fused({ value, factor, slot }: Update): FusedUpdate {
    const { epsilon } = this;
    return {
      changed: { value, m: slot("m"), v: slot("v") },
      attributes: {
        ...{ rate: this.#rate(), oneMinusBeta1: 1 - this.beta1, oneMinusBeta2: 1 - this.beta2 },
        ...{ epsilon, factor, kept: this.#kept() },
      },
    };
  }

  protected composed({ value, gradient, slot }: Update): void {
    const [m, v] = [slot("m"), slot("v")];
    m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), 1 - this.beta1)));
    v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - this.beta2)));
    const kept = this.weightDecay === 0 ? value : tf.mul(value, this.#kept());
    value.assign(tf.sub(kept, tf.div(tf.mul(m, this.#rate()), tf.add(tf.sqrt(v), this.epsilon))));
  }

  #rate(): number {
    return (this.learningRate * Math.sqrt(1 - this.#power2)) / (1 - this.#power1);
  }

  #kept(): number {
    return 1 - this.learningRate * this.weightDecay;
  }
}

/** Makes an Adam optimizer. */
export function adam(options: AdamOptions = {}): Adam {
  return new Adam("adam", options);
}

/** Makes an AdamW optimizer. */
export function adamw(options: AdamwOptions = {}): Adam {
  return new Adam("adamw", options);
}
