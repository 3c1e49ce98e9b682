import type { SparseColumn } from "@seqloom/core";

/** See the parameters of `text/tf-idf`. */
export interface Weighing {
  readonly tf: "count" | "share" | "log" | "present";
  readonly norm: "l2" | "l1" | null;
}

/** How rarity is measured; see {@link Weighing}. */
export interface Rarity {
  readonly idf: "natural" | "log2" | "log10" | "none";
  readonly smooth: boolean;
  readonly add_one: boolean;
}

const LOGARITHMS = { natural: Math.log, log2: Math.log2, log10: Math.log10 };

/**
 * The inverse document frequency of each place: log(N / n), N rows of which n have the place. Smooth, a row more that has
 * every place: log((1 + N) / (1 + n)). A place that no row has counts as one that one row has.
 * With smoothing and one added: scikit-learn's TfidfTransformer; without both: Salton's.
 */
export function inverseFrequencies(rowsWith: ArrayLike<number>, rows: number, rarity: Rarity): Float64Array {
  const { idf, smooth, add_one } = rarity;
  if (idf === "none") return new Float64Array(rowsWith.length).fill(1);
  const log = LOGARITHMS[idf];
  const one = Number(add_one);
  return Float64Array.from(rowsWith, (count) =>
    smooth ? log((1 + rows) / (1 + count)) + one : log(rows / Math.max(count, 1)) + one,
  );
}

/** Counts times `weights` of their places. Sums are in float64 and in the order of the places. */
export function weighed(
  { values: counts, columns, offsets, ...rest }: SparseColumn,
  weights: Float64Array,
  { tf, norm }: Weighing,
): SparseColumn {
  const exact = new Float64Array(counts.length);
  const values = new Float32Array(counts.length);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const [start, end] = [offsets[row], offsets[row + 1]];
    let total = 0;
    if (tf === "share") for (let at = start; at < end; at++) total += counts[at];
    let size = 0;
    for (let at = start; at < end; at++) {
      const value = frequency(counts[at], tf, total) * weights[columns[at]];
      size += norm === "l2" ? value * value : Math.abs(value);
      exact[at] = value;
    }
    if (norm === "l2") size = Math.sqrt(size);
    const divisor = norm === null || size === 0 ? 1 : size;
    for (let at = start; at < end; at++) values[at] = exact[at] / divisor;
  }
  return { ...rest, values, columns, offsets };
}

function frequency(count: number, tf: Weighing["tf"], total: number): number {
  switch (tf) {
    case "count":
      return count;
    case "share":
      return total === 0 ? 0 : count / total;
    case "log":
      return count > 0 ? 1 + Math.log(count) : 0;
    case "present":
      return count === 0 ? 0 : 1;
  }
}
