import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor } from "@tensorflow/tfjs-core";

/** Registers the gradient of scaled dot-product attention, for every backend that has its kernels. */
export function registerAttentionGradient(): void {
  registerGradient({
    kernelName: "SeqloomAttention",
    inputsToSave: ["query", "key", "value"],
    outputsToSave: [false, true],
    gradFunc: (dys, [query, key, value, handle], attributes) => {
      const [dy] = dys as Tensor[];
      if (!dy || !query || !key || !value || !handle) {
        throw new TypeError("The gradient of attention needs the attribute `keep`");
      }
      const given = { dy, query, key, value, handle };
      const gradients = tf.engine().runKernel("SeqloomAttentionGrad", given, attributes) as unknown as Tensor[];
      const at = (index: number) => (): Tensor => gradients[index] as Tensor;
      return { query: at(0), key: at(1), value: at(2) };
    },
  });
}
