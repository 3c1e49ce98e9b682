import * as tf from "@tensorflow/tfjs-core";

/** True when the active backend has a kernel of this name. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** True while operations are recorded for a gradient. */
export function isRecording(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/** True when a tensor may depend on something that a gradient is taken by. */
export function mayNeedGradient(tensor: tf.Tensor): boolean {
  if (tensor instanceof tf.Variable) return true;
  const tape = tf.engine().state.activeTape ?? [];
  return tape.some((node) => node.outputs.some((output) => output.id === tensor.id));
}

/** Runs a kernel with the tensors that are there. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
  attributes: object = {},
): T {
  const given: tf.NamedTensorMap = {};
  for (const [key, tensor] of Object.entries(inputs)) if (tensor !== undefined) given[key] = tensor;
  return tf.engine().runKernel(name, given, attributes as tf.NamedAttrMap) as unknown as T;
}
