/** What rows should give: the class of each, or numbers `[rows, width]`. */
export type Targets =
  | { readonly kind: "classes"; readonly values: Int32Array }
  | { readonly kind: "numbers"; readonly values: Float32Array; readonly width: number };

/** The targets of the rows at these places. */
export function pickTargets(targets: Targets, rows: Int32Array): Targets {
  if (targets.kind === "classes") {
    const { values } = targets;
    return { kind: "classes", values: rows.map((row) => values[row]) };
  }
  const { values, width } = targets;
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * width, (row + 1) * width), i * width);
  });
  return { kind: "numbers", values: picked, width };
}

/** The weights of the rows at these places; null: 1 each. */
export function pickWeights(weights: Float32Array | null, rows: Int32Array): Float32Array | null {
  return weights === null ? null : Float32Array.from(rows, (row) => weights[row]);
}
