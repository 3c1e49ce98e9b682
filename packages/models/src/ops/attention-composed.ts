import * as tf from "@tensorflow/tfjs-core";
import type { AttentionInputs } from "./attention.js";

/** Weights of the entries that `counts` (0 and 1, of a shape that broadcasts) lets in; zeros where there are none. */
function softmaxOf(scores: tf.Tensor, counts: tf.Tensor): tf.Tensor {
  const low = tf.mul(tf.sub(counts, 1), 1e9);
  const shifted = tf.add(tf.mul(scores, counts), low);
  const exponentials = tf.mul(tf.exp(tf.sub(shifted, tf.max(shifted, -1, true))), counts);
  // The largest score that counts adds 1 to the sum.
  return tf.div(exponentials, tf.maximum(tf.sum(exponentials, -1, true), 0.5));
}

/** `maskedSoftmax` from operations that every backend has. */
export function composedMaskedSoftmax(logits: tf.Tensor, mask?: tf.Tensor2D): tf.Tensor {
  if (mask === undefined) return tf.softmax(logits);
  const [batch, time] = mask.shape;
  const between = new Array<number>(logits.rank - 2).fill(1);
  return tf.tidy(() => softmaxOf(logits, tf.reshape(tf.cast(mask, "float32"), [batch, ...between, time])));
}

/** [batch, time, heads * width] -> [batch, heads, time, width]. */
function apart(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [batch, time, features] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, time, heads, features / heads]), [0, 2, 1, 3]);
}

/** `attention` from operations that every backend has. */
export function composedAttention(inputs: AttentionInputs, scale: number): tf.Tensor3D {
  const { query, key, value, heads = 1, mask, causal = false, dropoutMask } = inputs;
  const [batch, queries] = query.shape;
  const keys = key.shape[1];
  if (keys === 0) return tf.zeros([batch, queries, value.shape[2]]);
  return tf.tidy(() => {
    const scores = tf.mul(tf.matMul(apart(query, heads), apart(key, heads), false, true), scale);
    let counts: tf.Tensor = tf.ones([1, 1, 1, keys]);
    if (mask !== undefined) counts = tf.reshape(tf.cast(mask, "float32"), [batch, 1, 1, keys]);
    if (causal) {
      const seen = tf.greaterEqual(
        tf.reshape(tf.range(0, queries), [queries, 1]),
        tf.reshape(tf.range(0, keys), [1, keys]),
      );
      counts = tf.mul(counts, tf.cast(seen, "float32")); // [batch or 1, 1, queries, keys]
    }
    const weights = softmaxOf(scores, counts); // [batch, heads, queries, keys]
    const kept = dropoutMask === undefined ? weights : tf.mul(weights, dropoutMask);
    const output = tf.matMul(kept, apart(value, heads)); // [batch, heads, queries, width]
    return tf.reshape(tf.transpose(output, [0, 2, 1, 3]), [batch, queries, value.shape[2]]);
  });
}
