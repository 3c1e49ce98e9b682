import type { Dataset, LabelColumn, Pipeline, VectorColumn } from "@seqloom/core";

/** What a model says of one input. */
export interface Predicted {
  readonly input: string;
  readonly label: string | null;
  /** Class → probability, in the order of the model's classes. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** Labels and probabilities of the rows, under the names that the pipeline gives to their columns. */
export function predictedOf(texts: readonly string[], rows: Dataset, pipeline: Pipeline): Predicted[] {
  const names = pipeline.nodes.find(({ name }) => name === pipeline.predict?.model)?.columns ?? {};
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
