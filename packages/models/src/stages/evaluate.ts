import {
  cell,
  type Dataset,
  dataset,
  defineStage,
  fail,
  type LabelColumn,
  type Metrics,
  type MetricsTable,
  type VectorColumn,
  value,
} from "@seqloom/core";
import { z } from "zod";
import { unseen } from "../classes.js";
import {
  type ClassificationScores,
  classificationScores,
  confusionMatrix,
  crossEntropy,
  pickExamples,
} from "../metrics/index.js";
import { rowsOfSplit, splitSchema } from "../rows-of-split.js";
import { sampleWeightsOf } from "../sample-weights.js";

const CHARACTERS = 200;

/** Compares predictions with labels. */
export const evaluate = defineStage({
  id: "models/evaluate",
  version: 1,
  description: "Measures a classifier: accuracy, loss, precision, recall, F1, confusion matrix, example predictions",
  inputs: {
    data: dataset(
      { label: "label", prediction: "label" },
      { optional: { probabilities: "vector", split: "label", text: "utf8", tokens: "tokens", weight: "number" } },
    ),
  },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    split: splitSchema,
    sample_weights: z.boolean().default(false).describe("Count each row as often as its column `weight` says"),
    examples: z.int().min(0).max(1000).default(10).describe("Rows to show of each kind: wrong ones, right ones"),
  }),
  run({ data }, { split, sample_weights, examples }) {
    const rows = rowsOfSplit(data, split);
    const weights = sample_weights ? sampleWeightsOf(rows as unknown as Dataset, "evaluated ") : undefined;
    const predictions = rows.column("prediction");
    const classes = predictions.dictionary;
    const predicted = predictions.indices;
    const actual = actualOf(rows.column("label"), classes);
    const counts = confusionMatrix(actual, predicted, classes.length, weights);
    const scores = classificationScores(counts);
    const probabilities = probabilitiesOf(rows, classes.length);
    const loss = probabilities && { loss: crossEntropy(probabilities, classes.length, actual, weights) };
    const metrics: Metrics = {
      values: {
        accuracy: scores.accuracy,
        ...loss,
        precision_macro: scores.macro.precision,
        recall_macro: scores.macro.recall,
        f1_macro: scores.macro.f1,
        precision_micro: scores.micro.precision,
        recall_micro: scores.micro.recall,
        f1_micro: scores.micro.f1,
        rows: rows.rows,
      },
      tables: {
        per_class: perClassTable(classes, scores),
        examples: examplesTable(rows, classes, actual, predicted, probabilities, examples),
      },
      confusion: { classes, counts },
    };
    return { metrics };
  },
});

function actualOf(column: LabelColumn, classes: readonly string[]): Int32Array {
  const places = new Map(classes.map((name, place) => [name, place]));
  return column.indices.map((index, row) => {
    if (index < 0) {
      throw fail("label-missing", `row ${row + 1} of those evaluated has no label`, {
        hint: "Drop the rows without a label before this stage.",
      });
    }
    const place = places.get(column.dictionary[index]);
    if (place === undefined) throw unseen(column.dictionary[index], classes, "evaluated ", row);
    return place;
  });
}

function probabilitiesOf(rows: Dataset, classes: number): Float32Array | null {
  if (!rows.has("probabilities", "vector")) return null;
  const { values, width } = rows.column("probabilities") as VectorColumn;
  if (width !== classes) {
    throw fail(
      "probabilities-width",
      `probabilities has ${width} values per row where prediction has ${classes} classes`,
      {
        hint: "Both must come from the same model.",
      },
    );
  }
  return values;
}

function perClassTable(classes: readonly string[], { perClass }: ClassificationScores): MetricsTable {
  return {
    columns: ["class", "precision", "recall", "f1", "support"],
    rows: perClass.map(({ precision, recall, f1, support }, i) => [classes[i], precision, recall, f1, support]),
  };
}

function examplesTable(
  rows: Dataset,
  classes: readonly string[],
  actual: Int32Array,
  predicted: Int32Array,
  probabilities: Float32Array | null,
  count: number,
): MetricsTable {
  const confidence = (row: number): number => probabilities?.[row * classes.length + predicted[row]] ?? 0;
  const { wrong, right } = pickExamples(actual, predicted, confidence, count);
  const shown = rows.has("text", "utf8") ? "text" : rows.has("tokens", "tokens") ? "tokens" : null;
  return {
    columns: [...(shown === null ? ["row"] : ["text"]), "label", "prediction", "probability", "right"],
    rows: [...wrong, ...right].map(({ row }) => [
      shown === null ? row + 1 : textOf(rows, shown, row),
      classes[actual[row]],
      classes[predicted[row]],
      probabilities === null ? null : confidence(row),
      actual[row] === predicted[row] ? "yes" : "no",
    ]),
  };
}

function textOf(rows: Dataset, name: "text" | "tokens", row: number): string {
  const content = cell(rows.columns.get(name)!, row);
  const text = Array.isArray(content) ? content.join(" ") : String(content);
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text;
}
