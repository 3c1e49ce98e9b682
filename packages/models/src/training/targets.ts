/**
 * What rows should give: the class of each, or numbers `[rows, width]`; tags, item i of row r for `offsets[r] ≤ i < offsets[r + 1]`,
 * each at one of the row's `steps`; or sequences of classes, to be said in so many `frames`.
 */
export type Targets =
  | { readonly kind: "classes"; readonly values: Int32Array }
  | { readonly kind: "numbers"; readonly values: Float32Array; readonly width: number }
  | TagTargets
  | SequenceTargets;

/** A class for some of the steps of each row. */
export interface TagTargets {
  readonly kind: "tags";
  readonly values: Int32Array;
  readonly steps: Int32Array;
  readonly offsets: Int32Array;
}

/** A list of classes for each row. */
export interface SequenceTargets {
  readonly kind: "sequences";
  readonly values: Int32Array;
  readonly offsets: Int32Array;
  /** Steps of the network's output that each row has. */
  readonly frames: Int32Array;
}

/** The targets of the rows at these places. */
export function pickTargets(targets: Targets, rows: Int32Array): Targets {
  switch (targets.kind) {
    case "classes": {
      const { values } = targets;
      return { kind: "classes", values: rows.map((row) => values[row]) };
    }
    case "numbers": {
      const { values, width } = targets;
      const picked = new Float32Array(rows.length * width);
      rows.forEach((row, i) => {
        picked.set(values.subarray(row * width, (row + 1) * width), i * width);
      });
      return { kind: "numbers", values: picked, width };
    }
    case "tags": {
      const { values, offsets } = pickLists(targets.values, targets.offsets, rows);
      return { kind: "tags", values, offsets, steps: pickLists(targets.steps, targets.offsets, rows).values };
    }
    case "sequences": {
      const { frames } = targets;
      const lists = pickLists(targets.values, targets.offsets, rows);
      return { kind: "sequences", ...lists, frames: rows.map((row) => frames[row]) };
    }
  }
}

function pickLists(values: Int32Array, offsets: Int32Array, rows: Int32Array) {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i] + offsets[row + 1] - offsets[row];
  });
  const picked = new Int32Array(starts[rows.length]);
  rows.forEach((row, i) => {
    picked.set(values.subarray(offsets[row], offsets[row + 1]), starts[i]);
  });
  return { values: picked, offsets: starts };
}

/** The weights of the rows at these places; null: 1 each. */
export function pickWeights(weights: Float32Array | null, rows: Int32Array): Float32Array | null {
  return weights === null ? null : Float32Array.from(rows, (row) => weights[row]);
}
