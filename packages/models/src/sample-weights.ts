import { type Dataset, fail, type NumberColumn } from "@seqloom/core";

/**
 * What each row counts: the column `weight`. `rows` says which rows these are: `"validation "`.
 * @throws DiagnosticError `weight-missing` without that column, `weight-invalid` for a weight below 0 or that is no number.
 */
export function sampleWeightsOf(data: Dataset, rows: string): Float32Array {
  if (!data.has("weight", "number")) {
    throw fail("weight-missing", "sample_weights looks at a column weight (number), which is not there", {
      hint: "If it has another name, say so: `columns: { weight: importance }`.",
    });
  }
  const { values } = data.column("weight") as NumberColumn;
  values.forEach((weight, row) => {
    if (Number.isFinite(weight) && weight >= 0) return;
    throw fail("weight-invalid", `${rows}row ${row + 1} has the weight ${weight}`, {
      hint: "A weight is 0 or more; 0 leaves the row out.",
    });
  });
  if (values.every((weight) => weight === 0)) {
    throw fail("weight-invalid", `all ${rows}rows have the weight 0`, { hint: "Give some rows a weight above 0." });
  }
  return Float32Array.from(values);
}
