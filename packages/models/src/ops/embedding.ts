import * as tf from "@tensorflow/tfjs-core";

/** Which steps of a sequence are alike: steps with the same id [batch, time] have the same numbers. */
export interface Tokens {
  readonly ids: tf.Tensor2D;
  readonly vocabulary: number;
}

const origins = new WeakMap<tf.Tensor, Tokens>();

/** Which steps of a sequence are alike, if it is an output of {@link embedding} whose ids are still there. */
export function tokensOf(sequence: tf.Tensor): Tokens | undefined {
  const tokens = origins.get(sequence);
  return tokens?.ids.isDisposed ? undefined : tokens;
}

/**
 * Rows of a table by number: ids [batch, time] int32, table [vocabulary, width] -> [batch, time, width].
 * Its gradient adds up the rows of each number in their order. Throws a RangeError for an id outside the table on `simd`.
 */
export function embedding(ids: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor3D {
  const rows = tf.gather(table, ids, 0) as unknown as tf.Tensor3D;
  if (ids.dtype === "int32") origins.set(rows, { ids, vocabulary: table.shape[0] });
  return rows;
}
