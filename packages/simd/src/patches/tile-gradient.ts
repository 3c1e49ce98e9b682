import * as tf from "@tensorflow/tfjs-core";
import { type GradConfig, registerGradient, type Tensor, Tile } from "@tensorflow/tfjs-core";

/**
 * The gradient of `tile` as one sum. TensorFlow.js slices and adds each repetition on its own, as its authors noted when they wrote
 * it (https://github.com/tensorflow/tfjs-core/pull/793); a layer normalisation takes thousands of kernels that way.
 */
export function patchTileGradient(): void {
  const config: GradConfig = {
    kernelName: Tile,
    inputsToSave: ["x"],
    gradFunc: (dy, saved, attributes) => {
      const { shape } = saved[0] as Tensor;
      const { reps } = attributes as unknown as { reps: number[] };
      // [r0 * d0, r1 * d1, ...] -> [r0, d0, r1, d1, ...], summed over the r's.
      const apart = shape.flatMap((size, i) => [reps[i] as number, size]);
      const axes = shape.map((_, i) => 2 * i);
      return { x: () => tf.reshape(tf.sum(tf.reshape(dy as Tensor, apart), axes), shape) };
    },
  };
  registerGradient(config);
}
