import * as tf from "@tensorflow/tfjs-core";

/**
 * The same numbers as a tensor that no gradient passes: what is computed from it is a constant. Nothing is copied, and it is
 * disposed of as any other tensor.
 */
export function detach<T extends tf.Tensor>(tensor: T): T {
  const engine = tf.engine();
  const { dataId, shape, dtype } = tensor;
  // Both tensors hold on to the numbers: they go when the last one does.
  engine.backend.incRef(dataId);
  return engine.makeTensorFromTensorInfo({ dataId, shape, dtype }) as T;
}
