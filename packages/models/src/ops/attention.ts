import * as tf from "@tensorflow/tfjs-core";
import { composedAttention, composedMaskedSoftmax } from "./attention-composed.js";
import { hasKernel, isRecording, runKernel } from "./fused.js";

/** Inputs of attention with heads beside one another: [batch, time, heads * width]. */
export interface AttentionInputs {
  /** [batch, queries, heads * width] */
  readonly query: tf.Tensor3D;
  /** [batch, keys, heads * width] */
  readonly key: tf.Tensor3D;
  /** [batch, keys, heads * value width] */
  readonly value: tf.Tensor3D;
  /** 1 when missing. */
  readonly heads?: number;
  /** [batch, keys], bool or int32: a key with 0 is not looked at; a query without any key gives zeros. */
  readonly mask?: tf.Tensor2D | undefined;
  /** Query i looks at the keys 0 to i alone. */
  readonly causal?: boolean;
  /** Multiplies the scores; 1 / sqrt(width) when missing. */
  readonly scale?: number | undefined;
  /** [batch, heads, queries, keys]: multiplies the weights (dropout). */
  readonly dropoutMask?: tf.Tensor4D | undefined;
}

function expectShape(
  name: string,
  input: string,
  tensor: tf.Tensor | undefined,
  shape: readonly (number | undefined)[],
): void {
  if (tensor !== undefined && !tf.util.arraysEqual(tensor.shape, [...shape] as number[])) {
    throw new RangeError(`${name}: ${input} must have the shape [${shape}]. Received: [${tensor.shape}]`);
  }
}

/** An input that does not fit, in words. */
function check({ query, key, value, heads = 1, mask, dropoutMask }: AttentionInputs): void {
  for (const [name, tensor] of Object.entries({ query, key, value })) {
    if (tensor.rank !== 3) {
      throw new RangeError(
        `attention: ${name} must have the shape [batch, time, features]. Received: [${tensor.shape}]`,
      );
    }
    const features = tensor.shape[2];
    if (!(Number.isInteger(heads) && heads > 0) || features === 0 || features % heads !== 0) {
      throw new RangeError(
        `attention: the features of ${name} must be a multiple of the heads. Received: ${features} for ${heads} heads`,
      );
    }
  }
  const [batch, queries, width] = query.shape;
  expectShape("attention", "key", key, [batch, value.shape[1], width]);
  expectShape("attention", "value", value, [batch, key.shape[1], value.shape[2]]);
  expectShape("attention", "mask", mask, [batch, key.shape[1]]);
  expectShape("attention", "dropoutMask", dropoutMask, [batch, heads, queries, key.shape[1]]);
}

/**
 * Scaled dot-product attention of many heads (Vaswani et al. 2017, section 3.2): softmax(scale q k^T) v for each head,
 * [batch, queries, heads * value width], differentiable by query, key and value. One kernel where the backend has it.
 * Throws a RangeError when shapes do not fit.
 */
export function attention(inputs: AttentionInputs): tf.Tensor3D {
  check(inputs);
  const { query, key, value, heads = 1, causal = false, dropoutMask } = inputs;
  const scale = inputs.scale ?? 1 / Math.sqrt(query.shape[2] / heads);
  if (!hasKernel("SeqloomAttention")) return composedAttention(inputs, scale);
  const mask = asBool(inputs.mask);
  const attributes = { heads, scale, causal, keep: isRecording() };
  const given = { query, key, value, mask, dropout: dropoutMask };
  const [output, handle] = runKernel<tf.Tensor[]>("SeqloomAttention", given, attributes);
  handle?.dispose(); // the tape holds on to the probabilities
  if (mask !== inputs.mask) mask?.dispose();
  return output as tf.Tensor3D;
}

/**
 * Softmax over the last axis of logits [batch, …, time] with a mask [batch, time]: entries with 0 get no weight, and where all
 * are 0 all weights are 0. Throws a RangeError when shapes do not fit.
 */
export function maskedSoftmax<T extends tf.Tensor>(logits: T, mask?: tf.Tensor2D): T {
  if (logits.rank < 2) {
    throw new RangeError(`maskedSoftmax: logits must have the shape [batch, …, time]. Received: [${logits.shape}]`);
  }
  expectShape("maskedSoftmax", "mask", mask, [logits.shape[0], logits.shape.at(-1)]);
  if (!hasKernel("SeqloomMaskedSoftmax")) return composedMaskedSoftmax(logits, mask) as T;
  const own = asBool(mask);
  const weights = runKernel<T>("SeqloomMaskedSoftmax", { logits, mask: own });
  if (own !== mask) own?.dispose();
  return weights;
}

/** Inputs of additive attention. */
export interface AdditiveAttentionInputs {
  /** [batch, queries, units] */
  readonly query: tf.Tensor3D;
  /** [batch, keys, units] */
  readonly key: tf.Tensor3D;
  /** [batch, keys, width] */
  readonly value: tf.Tensor3D;
  /** [units]; ones when missing. */
  readonly scale?: tf.Tensor1D | undefined;
  /** [batch, keys], bool or int32: a key with 0 is not looked at; a query without any key gives zeros. */
  readonly mask?: tf.Tensor2D | undefined;
}

/**
 * Additive attention (Bahdanau, Cho and Bengio 2015): weights softmax(sum(scale tanh(q + k))) over the keys, and the sum of the
 * values by them, [batch, queries, width]. Its memory is batch * queries * keys * units. Throws a RangeError when shapes do not fit.
 */
export function additiveAttention({ query, key, value, scale, mask }: AdditiveAttentionInputs): tf.Tensor3D {
  const [batch, , units] = query.shape;
  expectShape("additiveAttention", "key", key, [batch, value.shape[1], units]);
  expectShape("additiveAttention", "value", value, [batch, key.shape[1], value.shape[2]]);
  expectShape("additiveAttention", "scale", scale, [units]);
  expectShape("additiveAttention", "mask", mask, [batch, key.shape[1]]);
  return tf.tidy(() => {
    const sums = tf.tanh(tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1))); // [batch, queries, keys, units]
    const scores = tf.sum(scale === undefined ? sums : tf.mul(sums, scale), -1) as tf.Tensor3D; // [batch, queries, keys]
    return tf.matMul(maskedSoftmax(scores, mask), value) as tf.Tensor3D;
  });
}

function asBool(mask: tf.Tensor2D | undefined): tf.Tensor2D | undefined {
  return mask === undefined || mask.dtype === "bool" ? mask : tf.cast(mask, "bool");
}
