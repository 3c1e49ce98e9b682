import type { Tensor } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../device.js";
import { type Flow, requireFloat, shapeError } from "./layer.js";

/** How a window moves over a sequence. */
export interface SequenceWindow {
  /** What the window is called in hints, such as kernel_size. */
  readonly name: string;
  /** Steps from the first that a window sees to the last, both counted. */
  readonly reach: number;
  readonly stride: number;
  readonly padding: "valid" | "same" | "causal";
}

/** The length and the number of features of a sequence. */
export function sequenceOf(place: string, input: Flow): readonly [length: number | null, features: number] {
  requireFloat(place, input);
  const [length, features] = input.shape;
  if (input.shape.length !== 2 || typeof features !== "number") {
    const hint =
      input.shape.length === 1
        ? `To read the ${input.shape[0]} numbers one by one, put \`reshape: {target_shape: [${input.shape[0]}, 1]}\` before it.`
        : "It reads sequences: it comes after embedding, or after an lstm with `return_sequences: true`.";
    throw shapeError(place, "[time, features]", input, hint);
  }
  return [length, features];
}

/** The length of what a window gives; null where rows differ. Refuses windows that are longer than the sequence. */
export function lengthAfter(place: string, input: Flow, window: SequenceWindow): number | null {
  const [length] = sequenceOf(place, input);
  const { name, reach, stride, padding } = window;
  if (length === null) {
    if (padding !== "same" || stride === 1) return null;
    // Where the windows lie would depend on the longest row of the batch.
    const hint = `The sequences differ in length: use \`padding: valid\`${name === "kernel_size" ? " or causal" : ""}, or pad them before training.`;
    throw shapeError(place, "[time, features] of one length", input, hint);
  }
  if (padding !== "valid") return Math.ceil(length / stride);
  if (reach > length) {
    const wider = name === "kernel_size" ? "`padding: same` or causal" : "`padding: same`";
    const hint = `Use a smaller ${name}, ${wider}, or longer sequences.`;
    throw shapeError(place, `at least ${reach} steps`, input, hint);
  }
  return Math.floor((length - reach) / stride) + 1;
}

/** A batch and which of its steps are real. */
export interface Steps {
  readonly x: Tensor;
  readonly mask: Tensor | null;
}

/**
 * The batch as a window may read it: no row sees what another row's length put behind it, and there is at least one window.
 */
export function stepsBefore(tf: TensorFlow, { x, mask }: Steps, { reach, padding }: SequenceWindow): Steps {
  const [rows, time] = x.shape;
  const missing = padding === "valid" ? Math.max(0, reach - time) : 0;
  if (missing > 0) {
    // All rows of this batch are short: one window, which is not real.
    const real = mask === null ? tf.ones([rows, time]) : tf.cast(mask, "float32");
    const longer = tf.pad(x, [[0, 0] as [number, number], [0, missing], [0, 0]]);
    return { x: longer, mask: tf.cast(tf.pad(real, [[0, 0] as [number, number], [0, missing]]), "bool") };
  }
  if (mask === null || padding !== "same") return { x, mask };
  return { x: tf.mul(x, tf.expandDims(tf.cast(mask, "float32"), 2)), mask };
}

/** Which windows are real: those whose last step is (`valid`), whose own step is (`same`, `causal`). */
export function maskAfter(tf: TensorFlow, mask: Tensor | null, window: SequenceWindow): Tensor | null {
  if (mask === null) return null;
  const { reach, stride, padding } = window;
  const first = padding === "valid" ? reach - 1 : 0;
  if (first === 0 && stride === 1) return mask;
  const [rows, time] = mask.shape;
  return tf.cast(tf.stridedSlice(tf.cast(mask, "int32"), [0, first], [rows, time], [1, stride]), "bool");
}
