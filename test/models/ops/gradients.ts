import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";

/** Checks some entries of every gradient of a scalar function against differences of its values. */
export function expectTrueGradients(
  loss: (...given: tf.Tensor[]) => tf.Scalar,
  parameters: readonly tf.Tensor[],
  { step = 1 / 128, tolerance = 5e-3, entries = 9 } = {},
): void {
  const gradients = tf.grads(loss)([...parameters]);
  for (const [i, parameter] of parameters.entries()) {
    const values = Array.from(parameter.dataSync());
    const gradient = gradients[i]?.dataSync() as Float32Array;
    for (let at = 0; at < values.length; at += Math.max(1, Math.floor(values.length / entries))) {
      const moved = (shift: number): number =>
        tf.tidy(() => {
          const changed = tf.tensor(
            values.map((value, j) => (j === at ? value + shift : value)),
            parameter.shape,
          );
          const all = parameters.map((other, j) => (j === i ? changed : other));
          return loss(...all).dataSync()[0] as number;
        });
      const slope = (moved(step) - moved(-step)) / (2 * step);
      expect(Math.abs(slope - (gradient[at] as number))).toBeLessThan(tolerance * (1 + Math.abs(slope)));
    }
  }
  tf.dispose(gradients);
}

/** The outputs of a function of tensors, a scalar that depends on each entry of the first of them, and all gradients of that. */
export function valuesAndGradients(
  make: (...given: tf.Tensor[]) => tf.Tensor[],
  parameters: readonly tf.Tensor[],
  weights: (shape: readonly number[]) => tf.Tensor,
): tf.Tensor[] {
  const loss = (...given: tf.Tensor[]): tf.Scalar => {
    const [first] = make(...given) as [tf.Tensor];
    return tf.sum(tf.mul(first, weights(first.shape)));
  };
  const { value, grads } = tf.valueAndGrads(loss)([...parameters]);
  return [...make(...parameters), value, ...grads];
}
