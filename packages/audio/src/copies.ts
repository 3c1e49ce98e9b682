/** @file Rows and changed copies of them: what the stages share that make more rows of few. */
import type { Dataset, Random } from "@seqloom/core";
import { z } from "zod";
import { randomOfRow } from "./row-random.js";

/** Which rows are changed, and how often. */
export const COPY_PARAMS = {
  of: z
    .enum(["train", "all"])
    .default("train")
    .describe("Which rows are changed: those of train (all, where there is no split), or all; others stay as they are"),
  copies: z.int().min(1).max(1000).default(1).describe("Changed copies of each of these rows, each changed otherwise"),
  keep: z
    .boolean()
    .default(true)
    .describe("Whether the rows themselves stay, before their copies; false: the first copy stands in their place"),
} as const;

interface CopyParams {
  readonly of: "train" | "all";
  readonly copies: number;
  readonly keep: boolean;
}

/** A smallest and a largest value, between which one is drawn. */
export const range = z.tuple([z.number(), z.number()]);

/** What is wrong with ranges, by their names. */
export function rangeProblems(ranges: Readonly<Record<string, readonly number[] | undefined>>) {
  return Object.entries(ranges).flatMap(([name, given]) =>
    given !== undefined && given[0] > given[1]
      ? [{ path: [name], message: `${given[0]} is more than ${given[1]}`, hint: "Write the smaller one first." }]
      : [],
  );
}

/** A number between the two, each as likely as the other. */
export function between(random: Random, [low, high]: readonly number[]): number {
  return low + random.uniform() * (high - low);
}

/** A dataset with copies behind its rows: row r of it is to be changed if `copy[r] >= 0`, as that copy of a row. */
export interface Copied<D> {
  readonly data: D;
  readonly copy: Int32Array;
}

/** Puts the copies that are asked for behind the rows, first copies of all rows first. */
export function withCopies<D extends Dataset>(data: D, { of, copies, keep }: CopyParams): Copied<D> {
  const chosen = of === "all" ? Int32Array.from({ length: data.rows }, (_, row) => row) : data.rowsOfSplit("train");
  const behind = keep ? copies : copies - 1;
  const places = new Int32Array(data.rows + behind * chosen.length);
  const copy = new Int32Array(places.length).fill(-1);
  for (let row = 0; row < data.rows; row++) places[row] = row;
  if (!keep) for (const row of chosen) copy[row] = 0;
  for (let i = 0; i < behind; i++) {
    const at = data.rows + i * chosen.length;
    places.set(chosen, at);
    copy.fill(keep ? i : i + 1, at, at + chosen.length);
  }
  return { data: data.select(places) as D, copy };
}

/** The randomness of a copy of a row: of what is in the row, whatever rows stand beside it. */
export function randomOfCopy(random: Random, values: Float32Array, copy: number): Random {
  return randomOfRow(random.fork(copy), values);
}
