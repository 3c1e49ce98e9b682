import * as tf from "@tensorflow/tfjs-core";
import { type FusedUpdate, SlotOptimizer, type Update } from "./optimizer.js";

/** Parameters of Adagrad; the defaults are Keras'. */
export interface AdagradOptions {
  readonly learningRate?: number;
  readonly initialAccumulatorValue?: number;
  readonly epsilon?: number;
}

/** Adagrad (Duchi and others 2011, as in Keras): v += g^2; w -= rate g / sqrt(v + epsilon). */
export class Adagrad extends SlotOptimizer {
  readonly name = "adagrad";
  readonly epsilon: number;
  protected readonly kernel = "SeqloomAdagrad";

  constructor({ learningRate = 0.001, initialAccumulatorValue = 0.1, epsilon = 1e-7 }: AdagradOptions) {
    super(learningRate, initialAccumulatorValue);
    this.epsilon = epsilon;
  }

  protected fused({ value, factor, slot }: Update): FusedUpdate {
    const { learningRate: rate, epsilon } = this;
    return { changed: { value, v: slot("v") }, attributes: { rate, epsilon, factor } };
  }

  protected composed({ value, gradient, slot }: Update): void {
    const v = slot("v");
    v.assign(tf.add(v, tf.square(gradient)));
    value.assign(tf.sub(value, tf.div(tf.mul(gradient, this.learningRate), tf.sqrt(tf.add(v, this.epsilon)))));
  }
}

/** Makes an Adagrad optimizer. */
export function adagrad(options: AdagradOptions = {}): Adagrad {
  return new Adagrad(options);
}
