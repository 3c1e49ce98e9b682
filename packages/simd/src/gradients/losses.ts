import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor } from "@tensorflow/tfjs-core";

const LOSSES = [
  "SeqloomSoftmaxCrossEntropy",
  "SeqloomDenseCrossEntropy",
  "SeqloomSigmoidCrossEntropy",
  "SeqloomRegression",
  "SeqloomCtc",
] as const;

/** Registers the gradients of the losses, for every backend that has their kernels. */
export function registerLossGradients(): void {
  for (const name of LOSSES) registerLossGradient(name);
}

/** The gradient of a kernel whose second output owns the slope of each loss: `dy` times it, one dy per row. */
function registerLossGradient(kernelName: string): void {
  registerGradient({
    kernelName,
    inputsToSave: [],
    outputsToSave: [false, true],
    gradFunc: (dys, [handle], attributes) => {
      const [dy] = dys as Tensor[];
      if (dy === undefined || handle === undefined) throw new TypeError("Nothing was saved");
      const inputs = { dy, handle };
      return { outputs: () => tf.engine().runKernel("SeqloomLossGrad", inputs, attributes) as Tensor };
    },
  });
}
