import * as tf from "@tensorflow/tfjs-core";
import { type FusedUpdate, SlotOptimizer, type Update } from "./optimizer.js";

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
export class Sgd extends SlotOptimizer {
  readonly name = "sgd";
  readonly momentum: number;
  readonly nesterov: boolean;
  protected readonly kernel = "SeqloomSgd";

  constructor({ learningRate = 0.01, momentum = 0, nesterov = false }: SgdOptions) {
    super(learningRate);
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  protected fused({ value, factor, slot }: Update): FusedUpdate {
    const { learningRate: rate, momentum, nesterov } = this;
    const velocity = momentum === 0 ? undefined : slot("velocity");
    return { changed: { value, velocity }, attributes: { rate, momentum, nesterov, factor } };
  }

  protected composed({ value, gradient, slot }: Update): void {
    const step = tf.mul(gradient, this.learningRate);
    if (this.momentum === 0) {
      value.assign(tf.sub(value, step));
      return;
    }
    const velocity = slot("velocity");
    velocity.assign(tf.sub(tf.mul(velocity, this.momentum), step));
    value.assign(tf.add(value, this.nesterov ? tf.sub(tf.mul(velocity, this.momentum), step) : velocity));
  }
}

/** Makes a gradient descent optimizer. */
export function sgd(options: SgdOptions = {}): Sgd {
  return new Sgd(options);
}
