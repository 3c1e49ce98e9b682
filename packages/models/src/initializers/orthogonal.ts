import type { Random } from "@seqloom/core";

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer: the Q of a QR decomposition of normal numbers,
 * with the diagonal of R made positive, so that it is uniform over all such matrices (Saxe, McClelland and Ganguli 2014;
 * Mezzadri 2007). As in Keras the matrix is the whole weight, `[product of all but the last dimension, last dimension]`.
 * In float64 and with exact operations only, so the bits are the same everywhere.
 */
export function orthogonal(shape: readonly number[], random: Random, gain = 1): Float32Array {
  const columns = shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const length = Math.max(rows, columns);
  const count = Math.min(rows, columns);
  // The numbers are drawn for a [length, count] matrix in row-major order, then kept by column: [count][length].
  const vectors = Array.from({ length: count }, () => new Float64Array(length));
  for (let i = 0; i < length; i++) for (let j = 0; j < count; j++) vectors[j][i] = random.normal();
  orthonormalize(vectors);
  const values = new Float32Array(rows * columns);
  const wide = rows < columns;
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < length; i++) values[wide ? j * columns + i : i * columns + j] = gain * vectors[j][i];
  }
  return values;
}

/**
 * Gram-Schmidt, each vector cleaned twice ("twice is enough", Giraud and others 2005). It gives the Q that belongs to an R
 * with a positive diagonal, so no signs need mending.
 */
function orthonormalize(vectors: readonly Float64Array[]): void {
  for (let j = 0; j < vectors.length; j++) {
    const vector = vectors[j];
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        const other = vectors[k];
        const overlap = dot(vector, other);
        for (let i = 0; i < vector.length; i++) vector[i] -= overlap * other[i];
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < vector.length; i++) vector[i] /= norm;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
