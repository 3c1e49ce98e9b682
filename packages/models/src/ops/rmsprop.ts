import * as tf from "@tensorflow/tfjs-core";
import { type FusedUpdate, SlotOptimizer, type Update } from "./optimizer.js";

/** Parameters of RMSProp; the defaults are Keras'. */
export interface RmspropOptions {
  readonly learningRate?: number;
  readonly rho?: number;
  readonly momentum?: number;
  readonly epsilon?: number;
  /** Divide by the running deviation from the mean, not by the running size. */
  readonly centered?: boolean;
}

/**
 * RMSProp (Hinton 2012, as in Keras): v = rho v + (1 - rho) g^2; step = rate g / sqrt(v + epsilon), centered
 * rate g / sqrt(v - a^2 + epsilon) with a = rho a + (1 - rho) g; w -= step, or with momentum:
 * velocity = momentum velocity + step; w -= velocity.
 */
export class Rmsprop extends SlotOptimizer {
  readonly name = "rmsprop";
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;
  protected readonly kernel = "SeqloomRmsprop";

  constructor({ learningRate = 0.001, rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false }: RmspropOptions) {
    super(learningRate);
    this.rho = rho;
    this.momentum = momentum;
    this.epsilon = epsilon;
    this.centered = centered;
  }

  protected fused({ value, factor, slot }: Update): FusedUpdate {
    const { learningRate: rate, rho, momentum, epsilon } = this;
    const mean = this.centered ? slot("mean") : undefined;
    const velocity = momentum === 0 ? undefined : slot("velocity");
    return { changed: { value, v: slot("v"), mean, velocity }, attributes: { rate, rho, momentum, epsilon, factor } };
  }

  protected composed({ value, gradient, slot }: Update): void {
    const v = slot("v");
    v.assign(tf.add(tf.mul(v, this.rho), tf.mul(tf.square(gradient), 1 - this.rho)));
    let spread: tf.Tensor = v;
    if (this.centered) {
      const mean = slot("mean");
      mean.assign(tf.add(tf.mul(mean, this.rho), tf.mul(gradient, 1 - this.rho)));
      spread = tf.sub(v, tf.square(mean));
    }
    const step = tf.div(tf.mul(gradient, this.learningRate), tf.sqrt(tf.add(spread, this.epsilon)));
    if (this.momentum === 0) {
      value.assign(tf.sub(value, step));
      return;
    }
    const velocity = slot("velocity");
    velocity.assign(tf.add(tf.mul(velocity, this.momentum), step));
    value.assign(tf.sub(value, velocity));
  }
}

/** Makes an RMSProp optimizer. */
export function rmsprop(options: RmspropOptions = {}): Rmsprop {
  return new Rmsprop(options);
}
