import * as tf from "@tensorflow/tfjs-core";
import type { GruInputs } from "./gru.js";
import { activateGate, activateState, composedRecurrent, type RecurrentOutputs } from "./recurrent.js";

/** The GRU from operations that every backend has; the meaning of `gru`, some hundred kernels for each step with its gradient. */
export function composedGru(inputs: GruInputs): RecurrentOutputs {
  return tf.tidy(() => {
    const { bias, recurrentKernel, recurrentMask, resetAfter = true } = inputs;
    const { activation = "tanh", recurrentActivation = "sigmoid" } = inputs;
    const units = recurrentKernel.shape[0];
    const row = (at: number): tf.Tensor1D =>
      tf.reshape(tf.slice(bias as tf.Tensor, [at, 0], [1, 3 * units]), [3 * units]);
    const inputBias = bias === undefined || !resetAfter ? bias : row(0);
    const stateBias = bias === undefined || !resetAfter ? undefined : row(1);
    const ofGates = tf.slice(recurrentKernel, [0, 0], [units, 2 * units]);
    const ofCandidate = tf.slice(recurrentKernel, [0, 2 * units], [units, units]);
    const { output, h } = composedRecurrent(inputs, inputBias as tf.Tensor1D | undefined, (x, before) => {
      const operand = (recurrentMask === undefined ? before : tf.mul(before, recurrentMask)) as tf.Tensor2D;
      const [xz, xr, xg] = tf.split(x, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      const gates = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => activateGate(tf.add(a, b), recurrentActivation);
      let z: tf.Tensor;
      let g: tf.Tensor;
      if (resetAfter) {
        const product = tf.matMul(operand, recurrentKernel);
        const [hz, hr, hg] = tf.split(stateBias === undefined ? product : tf.add(product, stateBias), 3, 1) as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
        ];
        z = gates(xz, hz);
        g = activateState(tf.add(xg, tf.mul(gates(xr, hr), hg)), activation);
      } else {
        const [hz, hr] = tf.split(tf.matMul(operand, ofGates), 2, 1) as [tf.Tensor, tf.Tensor];
        z = gates(xz, hz);
        const reset = tf.mul(gates(xr, hr), operand) as tf.Tensor2D;
        g = activateState(tf.add(xg, tf.matMul(reset, ofCandidate)), activation);
      }
      return tf.add(tf.mul(z, before), tf.mul(tf.sub(1, z), g)) as tf.Tensor2D;
    });
    return { output, h };
  });
}
