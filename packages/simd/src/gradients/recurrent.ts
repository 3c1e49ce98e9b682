import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor } from "@tensorflow/tfjs-core";

/** Registers the gradients of recurrent layers over whole sequences, for every backend that has their kernels. */
export function registerRecurrentGradients(): void {
  registerGradient({
    kernelName: "SeqloomLstm",
    outputsToSave: [false, false, false, true],
    gradFunc: (dys, [handle], attributes) => {
      if (handle === undefined) throw new TypeError("The gradient of an LSTM needs the attribute `keep`");
      const [dOutput, dH, dC] = dys as Tensor[];
      if (dOutput === undefined || dH === undefined || dC === undefined) throw new TypeError("A gradient is missing");
      const inputs = { handle, dOutput, dH, dC };
      const run = (name: string): unknown => tf.engine().runKernel(name, inputs, attributes);
      // At once, because what is made inside one of the functions below is gone when it returns.
      const gradients = run("SeqloomLstmGrad") as Tensor[];
      const at = (index: number) => (): Tensor => gradients[index] as Tensor;
      return {
        kernel: at(0),
        recurrentKernel: at(1),
        bias: at(2),
        initialH: at(3),
        initialC: at(4),
        x: () => gradients[5] ?? (run("SeqloomLstmInputGrad") as Tensor),
      };
    },
  });
  registerCell("SeqloomGru");
  registerCell("SeqloomSimpleRnn");
}

/** The gradient of a cell with one state. */
function registerCell(name: string): void {
  registerGradient({
    kernelName: name,
    outputsToSave: [false, false, true],
    gradFunc: (dys, [handle], attributes) => {
      if (handle === undefined) throw new TypeError(`The gradient of ${name} needs the attribute \`keep\``);
      const [dOutput, dH] = dys as Tensor[];
      if (dOutput === undefined || dH === undefined) throw new TypeError("A gradient is missing");
      const inputs = { handle, dOutput, dH };
      const run = (kernel: string): unknown => tf.engine().runKernel(kernel, inputs, attributes);
      // At once, because what is made inside one of the functions below is gone when it returns.
      const gradients = run(`${name}Grad`) as Tensor[];
      const at = (index: number) => (): Tensor => gradients[index] as Tensor;
      return {
        kernel: at(0),
        recurrentKernel: at(1),
        bias: at(2),
        initialH: at(3),
        x: () => gradients[4] ?? (run(`${name}InputGrad`) as Tensor),
      };
    },
  });
}
