import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isRecording, mayNeedGradient, runKernel } from "./fused.js";
import {
  activateState,
  boolMask,
  checkRecurrent,
  composedRecurrent,
  type RecurrentInputs,
  type RecurrentOutputs,
} from "./recurrent.js";

/** Inputs of a simple recurrent layer over whole sequences. */
export interface SimpleRnnInputs extends RecurrentInputs {
  /** [units] */
  readonly bias?: tf.Tensor1D | undefined;
}

/**
 * A simple recurrent layer over whole sequences (Elman 1990), h = activation(x W + h U + b), differentiable by x, the weights and
 * the initial state through every output. One kernel where the backend has it, else step by step.
 * Throws a RangeError when shapes do not fit.
 */
export function simpleRnn(inputs: SimpleRnnInputs): RecurrentOutputs {
  const { x, kernel, recurrentKernel, bias, initialH, inputMask, recurrentMask, activation = "tanh" } = inputs;
  checkRecurrent("simpleRnn", inputs, 1, [["bias", bias, [recurrentKernel.shape[0]]]]);
  if (!hasKernel("SeqloomSimpleRnn")) return composedSimpleRnn(inputs);
  const { mask, close } = boolMask(inputs.mask);
  const keep = isRecording();
  const [output, h, handle] = runKernel<tf.Tensor[]>(
    "SeqloomSimpleRnn",
    { x, kernel, recurrentKernel, bias, mask, initialH, inputMask, recurrentMask },
    {
      activation,
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

/** The simple recurrent layer from operations that every backend has; the meaning of `simpleRnn`. */
function composedSimpleRnn(inputs: SimpleRnnInputs): RecurrentOutputs {
  const { recurrentKernel, recurrentMask, activation = "tanh" } = inputs;
  return composedRecurrent(inputs, inputs.bias, (z, h) => {
    const operand = (recurrentMask === undefined ? h : tf.mul(h, recurrentMask)) as tf.Tensor2D;
    return activateState(tf.add(z, tf.matMul(operand, recurrentKernel)) as tf.Tensor2D, activation);
  });
}
