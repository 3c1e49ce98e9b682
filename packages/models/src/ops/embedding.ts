import * as tf from "@tensorflow/tfjs-core";

/**
 * Rows of a table by number: ids [batch, time] int32, table [vocabulary, width] -> [batch, time, width].
 * Its gradient adds up the rows of each number in their order. Throws a RangeError for an id outside the table on `simd`.
 */
export function embedding(ids: tf.Tensor2D, table: tf.Tensor2D): tf.Tensor3D {
  return tf.gather(table, ids, 0) as unknown as tf.Tensor3D;
}
