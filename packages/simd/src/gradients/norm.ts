import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor } from "@tensorflow/tfjs-core";

/** Registers the gradient of the normalisation of rows, for every backend that has its kernels. */
export function registerNormGradient(): void {
  registerGradient({
    kernelName: "SeqloomNorm",
    inputsToSave: ["x", "gamma"],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, gamma, handle], attributes) => {
      const [dy] = dys as Tensor[];
      if (dy === undefined || x === undefined || gamma === undefined || handle === undefined) {
        throw new TypeError("The gradient of a normalisation needs the attribute `keep`");
      }
      const gradients = tf.engine().runKernel("SeqloomNormGrad", { dy, x, gamma, handle }, attributes) as Tensor[];
      const at = (index: number) => (): Tensor => gradients[index] as Tensor;
      return { x: at(0), gamma: at(1), beta: at(2) };
    },
  });
}
