import type * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isRecording, mayNeedGradient, runKernel } from "./fused.js";
import { composedLstm } from "./lstm-composed.js";
import {
  boolMask,
  checkRecurrent,
  type RecurrentActivation,
  type RecurrentInputs,
  type RecurrentOutputs,
  type StateActivation,
} from "./recurrent.js";

/** Inputs of an LSTM over whole sequences. Gates are in Keras' order: input, forget, cell, output. */
export interface LstmInputs extends RecurrentInputs {
  /** [4 * units] */
  readonly bias?: tf.Tensor1D | undefined;
  /** [batch, units]; zeros when missing. */
  readonly initialC?: tf.Tensor2D | undefined;
  readonly activation?: LstmActivation;
  readonly recurrentActivation?: RecurrentActivation;
}

export type LstmActivation = StateActivation;

/** What an LSTM returns. */
export interface LstmOutputs extends RecurrentOutputs {
  /** [batch, units], the cell after the last step. */
  readonly c: tf.Tensor2D;
}

/**
 * An LSTM over whole sequences (Hochreiter and Schmidhuber 1997, with Keras' conventions), differentiable by x, the weights and the
 * initial states through every output. One kernel where the backend has it, else step by step.
 * Throws a RangeError when shapes do not fit.
 */
export function lstm(inputs: LstmInputs): LstmOutputs {
  const units = inputs.recurrentKernel.shape[0];
  checkRecurrent("lstm", inputs, 4, [
    ["bias", inputs.bias, [4 * units]],
    ["initialC", inputs.initialC, [inputs.x.shape[0], units]],
  ]);
  if (!hasKernel("SeqloomLstm")) return composedLstm(inputs);
  const { x, kernel, recurrentKernel, bias, initialH, initialC, inputMask, recurrentMask } = inputs;
  const { mask, close } = boolMask(inputs.mask);
  const keep = isRecording();
  const [output, h, c, handle] = runKernel<tf.Tensor[]>(
    "SeqloomLstm",
    { x, kernel, recurrentKernel, bias, mask, initialH, initialC, inputMask, recurrentMask },
    {
      activation: inputs.activation ?? "tanh",
      recurrentActivation: inputs.recurrentActivation ?? "sigmoid",
      returnSequences: inputs.returnSequences ?? false,
      goBackwards: inputs.goBackwards ?? false,
      keep,
      inputGradient: keep && mayNeedGradient(x),
    },
  ) as [tf.Tensor, tf.Tensor2D, tf.Tensor2D, tf.Tensor?];
  // The tape holds on to what the gradient needs.
  handle?.dispose();
  close();
  return { output, h, c };
}
