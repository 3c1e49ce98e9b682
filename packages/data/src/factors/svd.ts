import type { Random } from "@seqloom/core";
import { singularVectors } from "./jacobi.js";
import type { Block, Operator } from "./operator.js";
import { orthonormal } from "./orthonormal.js";

/** The greatest singular values of a matrix and their right singular vectors: A ≈ Σ σ u vᵀ. */
export interface Factors {
  readonly values: Float64Array;
  /** Unit vectors as long as A is wide; the entry of greatest size in each is positive. */
  readonly right: Block;
}

/** How factors are searched. */
export interface Search {
  readonly method: "auto" | "exact" | "randomised";
  /** Times that A Aᵀ is applied to sharpen the subspace. */
  readonly iterations: number;
  /** Vectors beyond those wanted. */
  readonly oversamples: number;
}

/** Below so many rows or columns the exact way costs little. */
const SMALL = 256;

/**
 * Exact where the matrix is small; else by a random subspace that power iterations turn towards the greatest singular vectors
 * (Halko, Martinsson, Tropp 2011, algorithm 4.4, then 5.1).
 */
export function factorise(matrix: Operator, count: number, search: Search, random: Random): Factors {
  const { rows, columns } = matrix;
  const least = Math.min(rows, columns);
  const size = count + search.oversamples;
  const isExact =
    search.method === "exact" || (search.method === "auto" && (least <= SMALL || size >= least)) || size >= least;
  const basis = isExact ? wholeRange(matrix) : randomRange(matrix, size, search.iterations, random);
  // Aᵀ Q = P R, so that A ≈ Q Qᵀ A = Q Rᵀ Pᵀ: the singular values of the small R, its left vectors turned by P.
  const { q, r } = orthonormal(matrix.transposedTimes(basis));
  const { values, left } = singularVectors(r);
  return { values: values.slice(0, count), right: left.slice(0, count).map((vector) => turned(q, vector, columns)) };
}

function wholeRange({ rows, columns, times }: Operator): Block {
  if (rows <= columns) return units(rows);
  return orthonormal(times(units(columns))).q;
}

function units(size: number): Block {
  return Array.from({ length: size }, (_, i) => {
    const unit = new Float64Array(size);
    unit[i] = 1;
    return unit;
  });
}

function randomRange(matrix: Operator, size: number, iterations: number, random: Random): Block {
  const start = Array.from({ length: size }, () =>
    Float64Array.from({ length: matrix.columns }, () => random.normal()),
  );
  let { q } = orthonormal(matrix.times(start));
  for (let i = 0; i < iterations; i++) {
    q = orthonormal(matrix.times(orthonormal(matrix.transposedTimes(q)).q)).q;
  }
  return q;
}

/** The sum of the vectors, each times its entry of `shares`, with the sign that makes its greatest entry positive. */
function turned(vectors: Block, shares: Float64Array, length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const [j, vector] of vectors.entries()) {
    const share = shares[j];
    if (share !== 0) for (let i = 0; i < length; i++) sum[i] += share * vector[i];
  }
  let greatest = 0;
  for (const value of sum) if (Math.abs(value) > Math.abs(greatest)) greatest = value;
  if (greatest < 0) for (let i = 0; i < length; i++) sum[i] = -sum[i];
  return sum;
}
