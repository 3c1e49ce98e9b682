import type { Dataset, LabelColumn, Pipeline, VectorColumn } from "@seqloom/core";

/** What a model says of one input. */
export interface Predicted {
  readonly input: string;
  readonly label: string | null;
  /** Class → probability, in the order of the model's classes. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** What a model that gives numbers says; then there is no label. */
  readonly numbers?: readonly number[];
}

/** Labels and probabilities of the rows, or numbers, under the names that the pipeline gives to their columns. */
export function predictedOf(texts: readonly string[], rows: Dataset, pipeline: Pipeline): Predicted[] {
  const names = pipeline.nodes.find(({ name }) => name === pipeline.predict?.model)?.columns ?? {};
  const numbers = rows.columns.get(names.predicted ?? "predicted");
  if (numbers?.type === "vector") {
    return texts.map((input, row) => ({ input, label: null, probabilities: {}, numbers: numbersOf(numbers, row) }));
  }
  const prediction = rows.columns.get(names.prediction ?? "prediction") as LabelColumn;
  const probabilities = rows.columns.get(names.probabilities ?? "probabilities") as VectorColumn | undefined;
  return texts.map((input, row) => ({
    input,
    label: prediction.indices[row] < 0 ? null : prediction.dictionary[prediction.indices[row]],
    probabilities: Object.fromEntries(
      prediction.dictionary.map((name, at) => [
        name,
        Number((probabilities?.values[row * probabilities.width + at] ?? Number.NaN).toPrecision(7)),
      ]),
    ),
  }));
}

function numbersOf({ values, width }: VectorColumn, row: number): number[] {
  return Array.from(values.subarray(row * width, (row + 1) * width), (value) => Number(value.toPrecision(7)));
}
