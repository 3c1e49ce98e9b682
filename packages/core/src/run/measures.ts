/** @file What the names of measures say: which one counts, and whether more of it is better. */

const LEADING = ["accuracy", "macro_f1", "f1", "detection_rate", "r2", "mae", "rmse", "loss"];
const LOWER = /(^|[_.])(loss|false_alarms|error|perplexity|mae|mse|rmse|mape|wer|cer|brier|seconds|ms|bytes)(_|$)/;
const HIGHER = /accuracy|detection_rate|precision|recall|f1|auc|r2|kappa|mcc|bleu/;

/** The measure that a set of metrics is judged by: accuracy where there is one, else the first that is known, else the first. */
export function leadingMeasure(values: Readonly<Record<string, number>>): string | undefined {
  return LEADING.find((name) => name in values) ?? Object.keys(values)[0];
}

/** Whether less is better. */
export function lowerIsBetter(name: string): boolean {
  return LOWER.test(name);
}

/** Whether more or less of it is known to be better. */
export function hasDirection(name: string): boolean {
  return LOWER.test(name) || HIGHER.test(name);
}
