import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isRecording, mayNeedGradient, runKernel } from "./fused.js";
import { composedLstm } from "./lstm-composed.js";

/** Inputs of an LSTM over whole sequences. Gates are in Keras' order: input, forget, cell, output. */
export interface LstmInputs {
  /** [batch, time, inputs] */
  readonly x: tf.Tensor3D;
  /** [inputs, 4 * units] */
  readonly kernel: tf.Tensor2D;
  /** [units, 4 * units] */
  readonly recurrentKernel: tf.Tensor2D;
  /** [4 * units] */
  readonly bias?: tf.Tensor1D | undefined;
  /** [batch, time], bool or int32: a step with 0 carries output and states over. */
  readonly mask?: tf.Tensor2D | undefined;
  /** [batch, units]; zeros when missing. */
  readonly initialH?: tf.Tensor2D | undefined;
  /** [batch, units]; zeros when missing. */
  readonly initialC?: tf.Tensor2D | undefined;
  /** [batch, inputs]: multiplies the inputs of every step (Keras' `dropout`). */
  readonly inputMask?: tf.Tensor2D | undefined;
  /** [batch, units]: multiplies the state before every step (Keras' `recurrent_dropout`). */
  readonly recurrentMask?: tf.Tensor2D | undefined;
  readonly activation?: LstmActivation;
  readonly recurrentActivation?: RecurrentActivation;
  readonly returnSequences?: boolean;
  /** Reads the sequence from its end; the output is in the order of reading. */
  readonly goBackwards?: boolean;
}

export type LstmActivation = "tanh" | "relu" | "linear";
export type RecurrentActivation = "sigmoid" | "hard_sigmoid";

/** What an LSTM returns. */
export interface LstmOutputs {
  /** [batch, time, units] with `returnSequences`, else [batch, units]. */
  readonly output: tf.Tensor;
  /** [batch, units], the state after the last step. */
  readonly h: tf.Tensor2D;
  /** [batch, units], the cell after the last step. */
  readonly c: tf.Tensor2D;
}

/** An input that does not fit, in words. */
function check(inputs: LstmInputs): void {
  const { x, kernel, recurrentKernel, bias } = inputs;
  const units = recurrentKernel.shape[0];
  const expected: readonly (readonly [string, tf.Tensor | undefined, readonly (number | undefined)[]])[] = [
    ["kernel", kernel, [x.shape[2], 4 * units]],
    ["recurrentKernel", recurrentKernel, [units, 4 * units]],
    ["bias", bias, [4 * units]],
    ["mask", inputs.mask, [x.shape[0], x.shape[1]]],
    ["initialH", inputs.initialH, [x.shape[0], units]],
    ["initialC", inputs.initialC, [x.shape[0], units]],
    ["inputMask", inputs.inputMask, [x.shape[0], x.shape[2]]],
    ["recurrentMask", inputs.recurrentMask, [x.shape[0], units]],
  ];
  if (x.rank !== 3) throw new RangeError(`lstm: x must have the shape [batch, time, inputs]. Received: [${x.shape}]`);
  for (const [name, tensor, shape] of expected) {
    if (tensor !== undefined && !tf.util.arraysEqual(tensor.shape, [...shape] as number[])) {
      throw new RangeError(`lstm: ${name} must have the shape [${shape}]. Received: [${tensor.shape}]`);
    }
  }
}

/**
 * An LSTM over whole sequences (Hochreiter and Schmidhuber 1997, with Keras' conventions), differentiable by x, the weights and the
 * initial states through every output. One kernel where the backend has it, else step by step.
 * Throws a RangeError when shapes do not fit.
 */
export function lstm(inputs: LstmInputs): LstmOutputs {
  check(inputs);
  if (!hasKernel("SeqloomLstm")) return composedLstm(inputs);
  const { x, kernel, recurrentKernel, bias, initialH, initialC, inputMask, recurrentMask } = inputs;
  const mask = inputs.mask === undefined || inputs.mask.dtype === "bool" ? inputs.mask : tf.cast(inputs.mask, "bool");
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
  if (mask !== inputs.mask) mask?.dispose();
  return { output, h, c };
}
