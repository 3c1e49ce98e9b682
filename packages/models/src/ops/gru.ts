import type * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isRecording, mayNeedGradient, runKernel } from "./fused.js";
import { composedGru } from "./gru-composed.js";
import {
  boolMask,
  checkRecurrent,
  type RecurrentActivation,
  type RecurrentInputs,
  type RecurrentOutputs,
} from "./recurrent.js";

/** Inputs of a GRU over whole sequences. Gates are in Keras' order: update z, reset r, candidate h. */
export interface GruInputs extends RecurrentInputs {
  /** [2, 3 * units] with `resetAfter`: of the inputs, of the state; else [3 * units]. */
  readonly bias?: tf.Tensor | undefined;
  /** Whether the reset gate is applied after the product of state and weights, as in cuDNN. True, as in Keras, unless it is said. */
  readonly resetAfter?: boolean;
  readonly recurrentActivation?: RecurrentActivation;
}

/**
 * A GRU over whole sequences (Cho and others 2014, with Keras' conventions), differentiable by x, the weights and the initial state
 * through every output: h = z h + (1 - z) g. `recurrentMask` does not touch the h of this sum, only what the weights see.
 * One kernel where the backend has it, else step by step. Throws a RangeError when shapes do not fit.
 */
export function gru(inputs: GruInputs): RecurrentOutputs {
  const { x, kernel, recurrentKernel, bias, initialH, inputMask, recurrentMask, resetAfter = true } = inputs;
  const columns = 3 * recurrentKernel.shape[0];
  checkRecurrent("gru", inputs, 3, [["bias", bias, resetAfter ? [2, columns] : [columns]]]);
  if (!hasKernel("SeqloomGru")) return composedGru(inputs);
  const { mask, close } = boolMask(inputs.mask);
  const keep = isRecording();
  const [output, h, handle] = runKernel<tf.Tensor[]>(
    "SeqloomGru",
    { x, kernel, recurrentKernel, bias, mask, initialH, inputMask, recurrentMask },
    {
      activation: inputs.activation ?? "tanh",
      recurrentActivation: inputs.recurrentActivation ?? "sigmoid",
      resetAfter,
      returnSequences: inputs.returnSequences ?? false,
      goBackwards: inputs.goBackwards ?? false,
      keep,
      inputGradient: keep && mayNeedGradient(x),
    },
  ) as [tf.Tensor, tf.Tensor2D, tf.Tensor?];
  // The tape holds on to what the gradient needs.
  handle?.dispose();
  close();
  return { output, h };
}
