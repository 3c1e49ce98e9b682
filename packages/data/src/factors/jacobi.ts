import { type Block, dot } from "./operator.js";

const SWEEPS = 60;
/** Cosine below which two columns count as orthogonal. */
const ORTHOGONAL = 1e-15;

/**
 * Singular values of a small matrix, greatest first, and its left singular vectors; a vector is zero where its value is. By
 * one-sided Jacobi rotations (Hestenes 1958): columns are turned in pairs until all are orthogonal, which small values survive.
 */
export function singularVectors(matrix: Block): { readonly values: Float64Array; readonly left: Block } {
  const columns = matrix.map((column) => Float64Array.from(column));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let turned = false;
    for (let p = 0; p + 1 < columns.length; p++) {
      for (let q = p + 1; q < columns.length; q++) turned = turn(columns[p], columns[q]) || turned;
    }
    if (!turned) break;
  }
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b);
  return {
    values: Float64Array.from(order, (i) => lengths[i]),
    left: order.map((i) => (lengths[i] === 0 ? columns[i] : columns[i].map((value) => value / lengths[i]))),
  };
}

/** Makes two columns orthogonal; false where they are already. */
function turn(a: Float64Array, b: Float64Array): boolean {
  const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
  if (ab === 0 || Math.abs(ab) <= ORTHOGONAL * Math.sqrt(aa * bb)) return false;
  const zeta = (bb - aa) / (2 * ab);
  const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  const sine = cosine * tangent;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
  return true;
}
