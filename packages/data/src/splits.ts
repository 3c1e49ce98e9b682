import type { LabelColumn, Split } from "@seqloom/core";

/** The splits that a row can be in, in the order of the dictionary of every `split` column. */
export const SPLITS: readonly Split[] = ["train", "validation", "test"];

/** A `split` column from the place of each row's split in {@link SPLITS}. */
export function splitColumn(indices: ArrayLike<number>): LabelColumn {
  return { type: "label", dictionary: SPLITS, indices: Int32Array.from(indices) };
}

/** A `split` column of rows that are all in one split. */
export function splitOf(split: Split, rows: number): LabelColumn {
  return splitColumn(new Int32Array(rows).fill(SPLITS.indexOf(split)));
}

/** Sizes of validation and test for so many rows: a number below 1 is a share, any other a count. */
export interface Sizes {
  readonly validation: number;
  readonly test: number;
}

/**
 * Shares out `total` things by weights, whole things only, so that the parts add up to the total and none is more than one
 * away from its exact share (largest remainders; on a tie the earlier part gains).
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (sum === 0 ? 0 : (total * weight) / sum));
  // 0.1 * 30 is a little more than 3 in binary: what is nearly whole counts as whole.
  const parts = exact.map((share) => Math.floor(share + 1e-9));
  const left = total - parts.reduce((all, part) => all + part, 0);
  const byRemainder = exact
    .map((share, place) => ({ place, remainder: Math.max(share - parts[place], 0) }))
    .sort((a, b) => (Math.abs(b.remainder - a.remainder) < 1e-9 ? a.place - b.place : b.remainder - a.remainder));
  for (const { place } of byRemainder.slice(0, sum === 0 ? 0 : left)) parts[place]++;
  return parts;
}

/** The number of rows of train, validation and test. Train may be negative: then the sizes ask for too much. */
export function countsOf(rows: number, { validation, test }: Sizes): readonly [number, number, number] {
  const share = (size: number): number => (size < 1 ? size : size / Math.max(rows, 1));
  const held = share(validation) + share(test);
  if (held > 1 + 1e-9) return [-1, 0, 0];
  return apportion(rows, [Math.max(1 - held, 0), share(validation), share(test)]) as [number, number, number];
}
