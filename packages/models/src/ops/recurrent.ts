import * as tf from "@tensorflow/tfjs-core";
import { detach } from "./detach.js";

/** What the inputs of a recurrent layer over whole sequences have in common. */
export interface RecurrentInputs {
  /** [batch, time, inputs] */
  readonly x: tf.Tensor3D;
  /** [inputs, gates * units] */
  readonly kernel: tf.Tensor2D;
  /** [units, gates * units] */
  readonly recurrentKernel: tf.Tensor2D;
  /** [batch, time], bool or int32: a step with 0 carries output and states over. */
  readonly mask?: tf.Tensor2D | undefined;
  /** [batch, units]; zeros when missing. */
  readonly initialH?: tf.Tensor2D | undefined;
  /** [batch, inputs]: multiplies the inputs of every step (Keras' `dropout`). */
  readonly inputMask?: tf.Tensor2D | undefined;
  /** [batch, units]: multiplies the state before every step on its way to the weights (Keras' `recurrent_dropout`). */
  readonly recurrentMask?: tf.Tensor2D | undefined;
  readonly activation?: StateActivation;
  readonly returnSequences?: boolean;
  /** Reads the sequence from its end; the output is in the order of reading. */
  readonly goBackwards?: boolean;
}

/** Activations of states. */
export type StateActivation = "tanh" | "relu" | "linear" | "sigmoid";

/** Activations of gates. The hard sigmoid is that of Keras 2: clip(0.2 x + 0.5, 0, 1). */
export type RecurrentActivation = "sigmoid" | "hard_sigmoid";

/** What a recurrent layer with one state returns. */
export interface RecurrentOutputs {
  /** [batch, time, units] with `returnSequences`, else [batch, units]. */
  readonly output: tf.Tensor;
  /** [batch, units], the state after the last step. */
  readonly h: tf.Tensor2D;
}

/** A further tensor and the shape that it must have. */
export type Expected = readonly [name: string, tensor: tf.Tensor | undefined, shape: readonly (number | undefined)[]];

/** Throws a RangeError that names the tensor that does not fit. */
export function checkRecurrent(op: string, inputs: RecurrentInputs, gates: number, further: readonly Expected[]): void {
  const { x, recurrentKernel } = inputs;
  if (x.rank !== 3) throw new RangeError(`${op}: x must have the shape [batch, time, inputs]. Received: [${x.shape}]`);
  const [batch, time, width] = x.shape;
  const units = recurrentKernel.shape[0];
  const expected: readonly Expected[] = [
    ["kernel", inputs.kernel, [width, gates * units]],
    ["recurrentKernel", recurrentKernel, [units, gates * units]],
    ["mask", inputs.mask, [batch, time]],
    ["initialH", inputs.initialH, [batch, units]],
    ["inputMask", inputs.inputMask, [batch, width]],
    ["recurrentMask", inputs.recurrentMask, [batch, units]],
    ...further,
  ];
  for (const [name, tensor, shape] of expected) {
    if (tensor !== undefined && !tf.util.arraysEqual(tensor.shape, [...shape] as number[])) {
      throw new RangeError(`${op}: ${name} must have the shape [${shape}]. Received: [${tensor.shape}]`);
    }
  }
}

/** The mask as the kernels take it; `close` disposes of a copy. */
export function boolMask(mask: tf.Tensor2D | undefined): { mask: tf.Tensor | undefined; close(): void } {
  if (mask === undefined || mask.dtype === "bool") return { mask, close() {} };
  const copy = tf.tidy(() => tf.notEqual(detach(mask), 0));
  return { mask: copy, close: () => copy.dispose() };
}

/** The activation of a state, from operations that every backend has. */
export function activateState<T extends tf.Tensor>(x: T, activation: StateActivation): T {
  if (activation === "tanh") return tf.tanh(x);
  if (activation === "relu") return tf.relu(x);
  return activation === "sigmoid" ? tf.sigmoid(x) : x;
}

/** The activation of gates, from operations that every backend has. */
export function activateGate<T extends tf.Tensor>(x: T, activation: RecurrentActivation): T {
  return activation === "sigmoid" ? tf.sigmoid(x) : (tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1) as T);
}

/**
 * A recurrent layer from operations that every backend has. `step` takes the product of the inputs and the kernel at one step,
 * [batch, gates * units], and the state before; it gives the state after.
 */
export function composedRecurrent(
  inputs: RecurrentInputs,
  inputBias: tf.Tensor1D | undefined,
  step: (z: tf.Tensor2D, h: tf.Tensor2D) => tf.Tensor2D,
): RecurrentOutputs {
  return tf.tidy(() => {
    const { kernel, mask, inputMask, goBackwards = false, returnSequences = false } = inputs;
    const [batch, time, width] = inputs.x.shape;
    const [units, columns] = inputs.recurrentKernel.shape;
    const x = inputMask === undefined ? inputs.x : tf.mul(inputs.x, tf.expandDims(inputMask, 1));
    const product = tf.matMul(tf.reshape(x, [batch * time, width]), kernel); // [batch * time, gates * units]
    const z = tf.reshape(inputBias === undefined ? product : tf.add(product, inputBias), [batch, time, columns]);
    let h = inputs.initialH ?? tf.zeros<tf.Rank.R2>([batch, units]);
    const outputs: tf.Tensor2D[] = [];
    for (let i = 0; i < time; i++) {
      const t = goBackwards ? time - 1 - i : i;
      const here = tf.reshape(tf.slice(z, [0, t, 0], [batch, 1, columns]), [batch, columns]) as tf.Tensor2D;
      let next = step(here, h);
      if (mask !== undefined) {
        const counts = tf.cast(tf.slice(mask, [0, t], [batch, 1]), "float32"); // [batch, 1]
        next = tf.add(tf.mul(next, counts), tf.mul(h, tf.sub(1, counts)));
      }
      h = next;
      if (returnSequences) outputs.push(h);
    }
    // Copies, so that each output is a tensor of its own.
    const output = returnSequences ? (time === 0 ? tf.zeros([batch, 0, units]) : tf.stack(outputs, 1)) : tf.clone(h);
    return { output, h: tf.clone(h) };
  });
}
