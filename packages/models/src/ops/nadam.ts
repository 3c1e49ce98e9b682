import * as tf from "@tensorflow/tfjs-core";
import type { AdamOptions } from "./adam.js";
import { type FusedUpdate, SlotOptimizer, type Update } from "./optimizer.js";

/**
 * Nadam (Dozat 2016, as in Keras): Adam that looks ahead along its mean. With u(t) = b1 (1 - 0.96^t / 2) and U(t) the product of
 * u(1) … u(t): w -= rate (u(t+1) m / (1 - U(t+1)) + (1 - u(t)) g / (1 - U(t))) / (sqrt(v / (1 - b2^t)) + epsilon).
 */
export class Nadam extends SlotOptimizer {
  readonly name = "nadam";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  protected readonly kernel = "SeqloomNadam";
  // Products over the steps: see Adam.
  #decay = 1; // 0.96^t
  #product = 1; // U(t)
  #power2 = 1; // b2^t

  constructor({ learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamOptions) {
    super(learningRate);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  protected override advance(): void {
    this.#decay *= 0.96;
    this.#product *= this.#weight(this.#decay);
    this.#power2 *= this.beta2;
  }

  protected override reset(): void {
    this.#decay = 1;
    this.#product = 1;
    this.#power2 = 1;
  }

  protected fused({ value, factor, slot }: Update): FusedUpdate {
    const { learningRate: rate, epsilon } = this;
    return {
      changed: { value, m: slot("m"), v: slot("v") },
      attributes: {
        ...{ rate, oneMinusBeta1: 1 - this.beta1, oneMinusBeta2: 1 - this.beta2, epsilon, factor },
        ...this.#corrections(),
      },
    };
  }

  protected composed({ value, gradient, slot }: Update): void {
    const [m, v] = [slot("m"), slot("v")];
    const { ofMean, ofGradient, ofSquares } = this.#corrections();
    m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), 1 - this.beta1)));
    v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), 1 - this.beta2)));
    const ahead = tf.add(tf.mul(m, ofMean), tf.mul(gradient, ofGradient));
    const spread = tf.add(tf.sqrt(tf.mul(v, ofSquares)), this.epsilon);
    value.assign(tf.sub(value, tf.div(tf.mul(ahead, this.learningRate), spread)));
  }

  #weight(decay: number): number {
    return this.beta1 * (1 - 0.5 * decay);
  }

  #corrections(): { readonly ofMean: number; readonly ofGradient: number; readonly ofSquares: number } {
    const next = this.#weight(this.#decay * 0.96);
    return {
      ofMean: next / (1 - this.#product * next),
      ofGradient: (1 - this.#weight(this.#decay)) / (1 - this.#product),
      ofSquares: 1 / (1 - this.#power2),
    };
  }
}

/** Makes a Nadam optimizer. */
export function nadam(options: AdamOptions = {}): Nadam {
  return new Nadam(options);
}
