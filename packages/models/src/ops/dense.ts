import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

export type DenseActivation = "linear" | "relu" | "sigmoid" | "tanh";

/** dy times the slope of the activation, from its value y. */
function activationGradient(dy: tf.Tensor, y: tf.Tensor, activation: DenseActivation): tf.Tensor {
  switch (activation) {
    case "linear":
      return dy;
    case "relu":
      return hasKernel("SeqloomReluGrad") ? runKernel("SeqloomReluGrad", { dy, y }) : tf.mul(dy, tf.step(y));
    case "sigmoid":
      return hasKernel("SeqloomSigmoidGrad")
        ? runKernel("SeqloomSigmoidGrad", { dy, y })
        : tf.mul(dy, tf.mul(y, tf.sub(1, y)));
    case "tanh":
      return hasKernel("SeqloomTanhGrad")
        ? runKernel("SeqloomTanhGrad", { dy, y })
        : tf.mul(dy, tf.sub(1, tf.square(y)));
  }
}

/** activation(x W + b) of matrices, in one kernel where the backend has it. */
function product(
  x: tf.Tensor2D,
  kernel: tf.Tensor2D,
  bias: tf.Tensor1D | undefined,
  activation: DenseActivation,
): tf.Tensor2D {
  // The stock kernels know no tanh.
  if (activation === "tanh" && !hasKernel("SeqloomTanhGrad")) return tf.tanh(product(x, kernel, bias, "linear"));
  const a = tf.reshape(x, [1, ...x.shape]);
  const b = tf.reshape(kernel, [1, ...kernel.shape]);
  const attributes = { transposeA: false, transposeB: false, activation };
  const y = runKernel<tf.Tensor>("_FusedMatMul", { a, b, bias }, attributes);
  return tf.reshape(y, [x.shape[0], kernel.shape[1]]);
}

/**
 * A fully connected layer: x [..., inputs], kernel [inputs, units], bias [units] -> [..., units].
 * Throws a RangeError when the last dimension of x is not that of the kernel.
 */
export function dense(
  x: tf.Tensor,
  kernel: tf.Tensor2D,
  bias?: tf.Tensor1D,
  activation: DenseActivation = "linear",
): tf.Tensor {
  const [inputs, units] = kernel.shape;
  if (x.shape.at(-1) !== inputs) {
    throw new RangeError(`dense: x must have ${inputs} as its last dimension. Received: [${x.shape}]`);
  }
  const flat = x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [-1, inputs] as [number, number]);
  const layer = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const [a, w, b] = given as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D?];
    const value = product(a, w, b, activation);
    save([a, w, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [left, right, y] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const dz = activationGradient(dy, y, activation) as tf.Tensor2D;
        const gradients: tf.Tensor[] = [tf.matMul(dz, right, false, true), tf.matMul(left, dz, true, false)];
        if (b !== undefined) gradients.push(tf.sum(dz, 0));
        return gradients;
      },
    };
  });
  const y = bias === undefined ? layer(flat, kernel) : layer(flat, kernel, bias);
  return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]);
}
