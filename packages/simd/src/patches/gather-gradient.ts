import * as tf from "@tensorflow/tfjs-core";
import { GatherV2, type GradConfig, getGradient, registerGradient, type Tensor } from "@tensorflow/tfjs-core";

/**
 * The gradient of `gather` along the first axis without its two transposes, which there only copy the numbers and take half of the
 * time of the gradient of an embedding (https://github.com/tensorflow/tfjs/issues/235 asked for that gradient). Other axes go the
 * way of TensorFlow.js.
 */
export function patchGatherGradient(): void {
  const original = getGradient(GatherV2);
  if (original === undefined) return;
  const config: GradConfig = {
    ...original,
    gradFunc: (dy, saved, attributes) => {
      const [x, indices] = saved as [Tensor, Tensor];
      const { axis, batchDims } = attributes as unknown as { axis: number; batchDims: number };
      if (axis !== 0 || batchDims > 0) return original.gradFunc(dy, saved, attributes);
      const [rows = 0, ...width] = x.shape;
      return {
        x: () => {
          const flat = tf.reshape(dy as Tensor, [indices.size, ...width]);
          return tf.unsortedSegmentSum(flat, tf.reshape(tf.cast(indices, "int32"), [indices.size]), rows);
        },
        indices: () => indices,
      };
    },
  };
  registerGradient(config);
}
