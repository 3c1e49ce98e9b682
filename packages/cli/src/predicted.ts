import type {
  Dataset,
  LabelColumn,
  Pipeline,
  SeriesColumn,
  TagsColumn,
  TokensColumn,
  VectorColumn,
} from "@seqloom/core";

/** What a model says of one input. */
export interface Predicted {
  readonly input: string;
  readonly label: string | null;
  /** Class → probability, in the order of the model's classes; empty where the model gives none. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** What a model that gives numbers says; then there is no label. */
  readonly numbers?: readonly number[];
  /** What a tagger says: the tag of each token, in order. Tokens that were cut off have none, and then none is named. */
  readonly tags?: readonly { readonly token: string | null; readonly tag: string }[];
  /** What a model says that gives sequences, such as letters: token by token. */
  readonly said?: readonly string[];
  /** What a detector says: the second at which it heard something, and how sure it was. */
  readonly detections?: readonly { readonly seconds: number; readonly score: number }[];
  /** What a model says that gives sets of labels, maybe none. */
  readonly labels?: readonly string[];
}

/** Labels and probabilities of the rows, or numbers, under the names that the pipeline gives to their columns. */
export function predictedOf(texts: readonly string[], rows: Dataset, pipeline: Pipeline): Predicted[] {
  const names = pipeline.nodes.find(({ name }) => name === pipeline.predict?.model)?.columns ?? {};
  const numbers = rows.columns.get(names.predicted ?? "predicted");
  if (numbers?.type === "vector") {
    return texts.map((input, row) => ({ input, label: null, probabilities: {}, numbers: numbersOf(numbers, row) }));
  }
  const detections = rows.columns.get(names.detections ?? "detections");
  if (detections?.type === "series") {
    return texts.map((input, row) => ({
      input,
      label: null,
      probabilities: {},
      detections: detectionsOf(detections, row),
    }));
  }
  const tags = rows.columns.get(names.predicted_tags ?? "predicted_tags");
  if (tags?.type === "tags") {
    return texts.map((input, row) => ({ input, label: null, probabilities: {}, tags: tagsOf(tags, rows, row) }));
  }
  for (const [key, column] of [
    ["said", rows.columns.get(names.predicted_tokens ?? "predicted_tokens")],
    ["labels", rows.columns.get(names.predicted_labels ?? "predicted_labels")],
  ] as const) {
    if (column?.type !== "tokens") continue;
    return texts.map((input, row) => ({ input, label: null, probabilities: {}, [key]: tokensOf(column, row) }));
  }
  const prediction = rows.columns.get(names.prediction ?? "prediction") as LabelColumn;
  const probabilities = rows.columns.get(names.probabilities ?? "probabilities") as VectorColumn | undefined;
  return texts.map((input, row) => ({
    input,
    label: prediction.indices[row] < 0 ? null : prediction.dictionary[prediction.indices[row]],
    probabilities:
      probabilities === undefined
        ? {}
        : Object.fromEntries(
            prediction.dictionary.map((name, at) => [
              name,
              Number(probabilities.values[row * probabilities.width + at].toPrecision(7)),
            ]),
          ),
  }));
}

function tagsOf(
  { dictionary, indices, offsets }: TagsColumn,
  rows: Dataset,
  row: number,
): NonNullable<Predicted["tags"]> {
  const said = indices.subarray(offsets[row], offsets[row + 1]).filter((index) => index >= 0);
  const column = rows.columns.get("tokens");
  const tokens = column?.type === "tokens" ? column : null;
  const from = tokens?.offsets[row] ?? 0;
  const isWhole = tokens !== null && tokens.offsets[row + 1] - from === said.length;
  return Array.from(said, (index, i) => ({
    token: isWhole ? tokens.dictionary[tokens.indices[from + i]] : null,
    tag: dictionary[index],
  }));
}

function detectionsOf({ values, offsets, width }: SeriesColumn, row: number): NonNullable<Predicted["detections"]> {
  const [from, steps] = [offsets[row], offsets[row + 1] - offsets[row]];
  return Array.from({ length: steps }, (_, i) => {
    const [seconds, score] = [0, 1].map((place) => Number(values[(from + i) * width + place].toPrecision(7)));
    return { seconds, score };
  });
}

function tokensOf({ dictionary, indices, offsets }: TokensColumn, row: number): string[] {
  return Array.from(indices.subarray(offsets[row], offsets[row + 1]), (index) => dictionary[index]);
}

function numbersOf({ values, width }: VectorColumn, row: number): number[] {
  return Array.from(values.subarray(row * width, (row + 1) * width), (value) => Number(value.toPrecision(7)));
}
