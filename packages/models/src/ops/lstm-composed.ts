import * as tf from "@tensorflow/tfjs-core";
import type { LstmInputs, LstmOutputs } from "./lstm.js";
import { activateState as activate, activateGate as gate } from "./recurrent.js";

/** One step; z is x W + b, [batch, 4 * units]. */
function step(z: tf.Tensor2D, h: tf.Tensor2D, c: tf.Tensor2D, inputs: LstmInputs): [tf.Tensor2D, tf.Tensor2D] {
  const { recurrentKernel, recurrentMask, activation = "tanh", recurrentActivation = "sigmoid" } = inputs;
  const state = recurrentMask === undefined ? h : tf.mul(h, recurrentMask);
  const all = tf.add(z, tf.matMul(state as tf.Tensor2D, recurrentKernel)) as tf.Tensor2D;
  const [i, f, g, o] = tf.split(all, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const kept = tf.mul(gate(f, recurrentActivation), c);
  const cell = tf.add(kept, tf.mul(gate(i, recurrentActivation), activate(g, activation))) as tf.Tensor2D;
  return [tf.mul(gate(o, recurrentActivation), activate(cell, activation)) as tf.Tensor2D, cell];
}

/** The LSTM from operations that every backend has; the meaning of `lstm`, some hundred kernels for each step with its gradient. */
export function composedLstm(inputs: LstmInputs): LstmOutputs {
  return tf.tidy(() => {
    const { kernel, bias, mask, inputMask, goBackwards = false, returnSequences = false } = inputs;
    const [batch, time, width] = inputs.x.shape;
    const units = inputs.recurrentKernel.shape[0];
    const x = inputMask === undefined ? inputs.x : tf.mul(inputs.x, tf.expandDims(inputMask, 1));
    const product = tf.matMul(tf.reshape(x, [batch * time, width]), kernel); // [batch * time, 4 * units]
    const z = tf.reshape(bias === undefined ? product : tf.add(product, bias), [batch, time, 4 * units]);
    let h = inputs.initialH ?? tf.zeros<tf.Rank.R2>([batch, units]);
    let c = inputs.initialC ?? tf.zeros<tf.Rank.R2>([batch, units]);
    const outputs: tf.Tensor2D[] = [];
    for (let i = 0; i < time; i++) {
      const t = goBackwards ? time - 1 - i : i;
      const here = tf.reshape(tf.slice(z, [0, t, 0], [batch, 1, 4 * units]), [batch, 4 * units]) as tf.Tensor2D;
      let [nextH, nextC] = step(here, h, c, inputs);
      if (mask !== undefined) {
        const counts = tf.cast(tf.slice(mask, [0, t], [batch, 1]), "float32"); // [batch, 1]
        const rest = tf.sub(1, counts);
        nextH = tf.add(tf.mul(nextH, counts), tf.mul(h, rest));
        nextC = tf.add(tf.mul(nextC, counts), tf.mul(c, rest));
      }
      [h, c] = [nextH, nextC];
      if (returnSequences) outputs.push(h);
    }
    // Copies, so that each output is a tensor of its own.
    const output = returnSequences ? (time === 0 ? tf.zeros([batch, 0, units]) : tf.stack(outputs, 1)) : tf.clone(h);
    return { output, h: tf.clone(h), c: tf.clone(c) };
  });
}
