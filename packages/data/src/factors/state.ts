/** @file Learned factors as a matrix: what estimators of components keep, apply and tell. */
import {
  type Dataset,
  fail,
  type Matrix,
  type Metrics,
  type SparseColumn,
  type StageContext,
  type VectorColumn,
} from "@seqloom/core";
import { z } from "zod";
import { dot, eachEntry, operatorOf } from "./operator.js";
import { factorise } from "./svd.js";

/** Parameters of stages that look for components. */
export const factorParams = {
  components: z.int().min(1).default(2).describe("Numbers that are kept of each row, the most telling first"),
  method: z
    .enum(["auto", "exact", "randomised"])
    .default("auto")
    .describe(
      "exact: all components are found, and some kept. randomised: only these are looked for; auto: by the size",
    ),
  iterations: z
    .int()
    .min(0)
    .default(5)
    .describe("Power iterations of the randomised search: more where many components tell almost as much"),
  oversamples: z.int().min(0).default(10).describe("Components that the randomised search looks for beside those kept"),
};

/** What {@link factorParams} parse to. */
export type FactorParams = z.output<z.ZodObject<typeof factorParams>>;

/** The rows' features: the sparse column `features`, or else `vector`. */
export function featureColumn(data: Dataset): SparseColumn | VectorColumn {
  const sparse = data.columns.get("features");
  return sparse?.type === "sparse" ? sparse : (data.columns.get("vector") as VectorColumn);
}

/** Number of columns of the state that are no features: the singular value, and its share of all squares. */
const EXTRA = 2;

/**
 * Learns components. The state has the mean (zeros where not centred), the sum of all squares and the number of rows in its
 * first row; then a component each, its singular value, and its share of the squares.
 */
export function learnFactors(train: Dataset, params: FactorParams, centred: boolean, context: StageContext): Matrix {
  const column = featureColumn(train);
  const { rows } = train;
  const { width } = column;
  const most = Math.min(rows, width);
  if (params.components > most) {
    throw fail(
      "too-many-components",
      `${rows} train rows of ${width} features have no ${params.components} components`,
      {
        hint:
          most === 0 ? "Put the split before this stage, with rows for train." : `Give components: ${most}, or fewer.`,
      },
    );
  }
  let squares = 0;
  const mean = new Float64Array(width);
  eachEntry(column, (row, place, value) => {
    if (!Number.isFinite(value)) throw notFinite(row, value);
    mean[place] += value;
  });
  for (let place = 0; place < width; place++) mean[place] = centred ? mean[place] / rows : 0;
  // Σ (x − m)²: where an entry is, by its difference; where none is, by the mean alone.
  for (let place = 0; place < width; place++) squares += rows * mean[place] ** 2;
  eachEntry(column, (_, place, value) => {
    squares += (value - mean[place]) ** 2 - mean[place] ** 2;
  });
  const matrix = operatorOf(column, rows, centred ? mean : null);
  context.signal.throwIfAborted();
  const { values: found, right } = factorise(matrix, params.components, params, context.random);
  const columns = width + EXTRA;
  const values = new Float64Array((1 + params.components) * columns);
  values.set(mean);
  values.set([squares, rows], width);
  for (const [i, vector] of right.entries()) {
    values.set(vector, (i + 1) * columns);
    values.set([found[i], squares === 0 ? 0 : found[i] ** 2 / squares], (i + 1) * columns + width);
  }
  const names = column.type === "sparse" ? column.names : undefined;
  return {
    rows: 1 + params.components,
    columns,
    values,
    rowNames: ["mean", ...right.map((_, i) => `component ${i + 1}`)],
    ...(names && { columnNames: [...names, "singular value", "share"] }),
  };
}

/** The rows along the components of a state; `whiten` brings each to variance 1 over the train rows. */
export function project(batch: Dataset, { values, rows, columns }: Matrix, whiten: boolean): VectorColumn {
  const column = featureColumn(batch);
  const width = columns - EXTRA;
  if (batch.rows > 0 && column.width !== width) {
    throw fail(
      "features-width",
      `rows have ${column.width} features, the components were learned from rows of ${width}`,
      {
        hint: "Run the pipeline again from the stage that makes the features.",
      },
    );
  }
  const state = values as Float64Array;
  const count = rows - 1;
  const component = (i: number): Float64Array => state.subarray((i + 1) * columns, (i + 1) * columns + width);
  const mean = state.subarray(0, width);
  const trained = state[width + 1];
  const offsets = Float64Array.from({ length: count }, (_, i) => dot(mean, component(i)));
  // Component by component in one place, so that a row's features are gone through once.
  const packed = new Float64Array(width * count);
  for (let i = 0; i < count; i++) {
    const singular = state[(i + 1) * columns + width];
    const scale = whiten && singular > 0 ? Math.sqrt(trained - 1) / singular : 1;
    const own = component(i);
    for (let place = 0; place < width; place++) packed[place * count + i] = own[place] * scale;
    offsets[i] *= scale;
  }
  const sums = new Float64Array(batch.rows * count);
  eachEntry(column, (row, place, value) => {
    const [from, to] = [place * count, row * count];
    for (let i = 0; i < count; i++) sums[to + i] += value * packed[from + i];
  });
  return { type: "vector", values: Float32Array.from(sums, (sum, at) => sum - offsets[at % count]), width: count };
}

/** What each component tells of the train rows, and which features it is made of. */
export function describeFactors({ values, rows, columns, columnNames }: Matrix, ofVariance: boolean): Metrics {
  const width = columns - EXTRA;
  const share = ofVariance ? "share of variance" : "share of squares";
  let total = 0;
  const table = Array.from({ length: rows - 1 }, (_, i) => {
    const at = (i + 1) * columns;
    total += values[at + width + 1];
    const own = values.subarray(at, at + width);
    return [
      i + 1,
      values[at + width],
      values[at + width + 1],
      total,
      ...(columnNames ? [greatest(own, columnNames)] : []),
    ];
  });
  return {
    values: { components: rows - 1, features: width, [share.replaceAll(" ", "_")]: total },
    tables: {
      components: {
        columns: ["component", "singular value", share, "up to here", ...(columnNames ? ["made of"] : [])],
        rows: table,
      },
    },
  };
}

/** The features with the greatest entries: `e 0.61, t -0.42`. */
function greatest(own: ArrayLike<number>, names: readonly string[]): string {
  const places = Array.from({ length: own.length }, (_, place) => place);
  const top = places.sort((a, b) => Math.abs(own[b]) - Math.abs(own[a]) || a - b).slice(0, 6);
  return top.map((place) => `${names[place]} ${own[place].toFixed(2)}`).join(", ");
}

function notFinite(row: number, value: number) {
  return fail("not-finite", `row ${row + 1} of the train rows holds ${value}`, {
    hint: "Leave such rows out, or repair the stage that gives them.",
  });
}
