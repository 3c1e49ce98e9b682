import type { Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Operations, TensorFlow } from "./device.js";

/** The activations that layers know, by Keras' names. */
export const activationNames = [
  "linear",
  "relu",
  "sigmoid",
  "tanh",
  "softmax",
  "hard_sigmoid",
  "elu",
  "selu",
  "softplus",
  "swish",
  "gelu",
  "gelu_tanh",
  "exponential",
] as const;

/** The name of an activation. */
export type Activation = (typeof activationNames)[number];

/** The schema of an activation's name. */
export const activationSchema = z.enum(activationNames);

/** Applies an activation to each number; softmax runs over the last axis. With `ops`, in one kernel where there is one. */
export function activate(tf: TensorFlow, name: Activation, x: Tensor, ops?: Operations): Tensor {
  switch (name) {
    case "linear":
      return x;
    case "relu":
      return tf.relu(x);
    case "sigmoid":
      return tf.sigmoid(x);
    case "tanh":
      return tf.tanh(x);
    case "softmax":
      return tf.softmax(x);
    case "hard_sigmoid":
      // Keras 2 and Theano: clip(0.2 x + 0.5, 0, 1).
      return tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1);
    case "elu":
      return tf.elu(x);
    case "selu":
      return tf.selu(x);
    case "softplus":
      return tf.softplus(x);
    case "swish":
      return tf.mul(x, tf.sigmoid(x));
    case "gelu":
      // Hendrycks and Gimpel 2016, the exact form: x Φ(x).
      if (ops !== undefined) return ops.gelu(x);
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case "gelu_tanh": {
      // The same paper's approximation.
      if (ops !== undefined) return ops.gelu(x, true);
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
    }
    case "exponential":
      return tf.exp(x);
  }
}
