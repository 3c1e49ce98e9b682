import { type Dataset, dataset, defineStage, fail, type LabelColumn, type PointMap, value } from "@seqloom/core";
import { z } from "zod";

/** Draws rows as points of a plane: a map in the report. */
export const scatter = defineStage({
  id: "data/scatter",
  version: 1,
  description: "Draws rows as points of a plane, by two numbers of their vectors: a map in the report.",
  seeded: true,
  inputs: {
    data: dataset({ vector: "vector" }, { optional: { label: "label", name: "label", id: "utf8" } }),
  },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    axes: z
      .tuple([z.int().min(1), z.int().min(1)])
      .default([1, 2])
      .describe("Which numbers of the vectors go across and up, counted from 1"),
    most: z.int().min(1).max(10_000).default(2000).describe("Points at most; of more rows, so many are drawn by lot"),
  }),
  run: ({ data }, { axes, most }, context) => {
    const all = data as unknown as Dataset;
    const { width } = data.column("vector");
    const greatest = Math.max(...axes);
    if (greatest > width) {
      throw fail("no-such-axis", `axis ${greatest} of vectors of ${width} numbers`, {
        hint: `Axes are 1 to ${width}.`,
        param: ["axes"],
      });
    }
    const rows =
      data.rows <= most ? all : all.select(context.random.permutation(data.rows).subarray(0, most).toSorted());
    const map = mapOf(rows, axes);
    const known = map.class.filter((place) => place >= 0);
    return {
      metrics: {
        values: { rows: rows.rows, ...(known.length > 1 && { neighbour_accuracy: neighbourAccuracy(map) }) },
        maps: { map },
      },
    };
  },
});

function mapOf(data: Dataset, axes: readonly [number, number]): PointMap {
  const { values, width } = data.column("vector") as { values: Float32Array; width: number };
  const along = (axis: number): number[] =>
    Array.from({ length: data.rows }, (_, row) => Number(values[row * width + axis - 1].toPrecision(6)));
  const label = data.columns.get("label") as LabelColumn | undefined;
  const names = namesOf(data);
  return {
    axes: [`axis ${axes[0]}`, `axis ${axes[1]}`],
    x: along(axes[0]),
    y: along(axes[1]),
    classes: label?.dictionary ?? [],
    class: label === undefined ? new Array<number>(data.rows).fill(-1) : [...label.indices],
    ...(names && { names }),
  };
}

function namesOf(data: Dataset): readonly string[] | null {
  const name = data.columns.get("name");
  if (name?.type === "label") return Array.from(name.indices, (index) => name.dictionary[index] ?? "");
  const id = data.columns.get("id");
  return id?.type === "utf8" ? id.values : null;
}

/** The share of points whose nearest other point is of their class: 1 where the picture keeps the classes apart. */
function neighbourAccuracy({ x, y, class: classes }: PointMap): number {
  let right = 0;
  let known = 0;
  for (let i = 0; i < x.length; i++) {
    if (classes[i] < 0) continue;
    known++;
    let [least, nearest] = [Number.POSITIVE_INFINITY, -1];
    for (let j = 0; j < x.length; j++) {
      if (j === i || classes[j] < 0) continue;
      const distance = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2;
      if (distance < least) [least, nearest] = [distance, j];
    }
    if (nearest >= 0 && classes[nearest] === classes[i]) right++;
  }
  return right / known;
}
