import { type Dataset, fail } from "@seqloom/core";
import { signalOf } from "../signals.js";
import type { Heard } from "./curve.js";
import { smoothed } from "./firings.js";

/** What a detector needs of a dataset; `events` only to measure it. */
export type Scored = Dataset<{
  sample_rate: "integer";
  predicted_tags: "tags";
  tag_probabilities: "series";
  events: "series";
}>;

interface ScoreParams {
  readonly tag: string;
  readonly hop_length: number;
  readonly smoothing: number;
}

/**
 * Gives the smoothed probability of the tag at each frame of a row.
 * @throws DiagnosticError `tag-unknown`.
 */
export function scoresOf(data: Scored, { tag, hop_length, smoothing }: ScoreParams): (row: number) => Float32Array {
  const { dictionary } = data.column("predicted_tags");
  const probabilities = data.column("tag_probabilities");
  const place = dictionary.indexOf(tag);
  if (place < 0 && data.rows > 0) {
    throw fail("tag-unknown", `the tagger knows no tag "${tag}"`, {
      hint: `It knows ${dictionary.map((name) => `"${name}"`).join(", ")}: set \`tag\` to one of them.`,
    });
  }
  const rates = data.column("sample_rate").values;
  return (row) => {
    const values = signalOf(probabilities, row);
    const own = Float32Array.from(
      { length: values.length / probabilities.width },
      (_, t) => values[t * probabilities.width + place],
    );
    return smoothed(own, Math.max(1, Math.round((smoothing * rates[row]) / hop_length)));
  };
}

/** The clips of a dataset with scores and events. */
export function heardOf(data: Scored, params: ScoreParams): Heard[] {
  const score = scoresOf(data, params);
  const rates = data.column("sample_rate").values;
  return Array.from({ length: data.rows }, (_, row) => ({
    scores: score(row),
    rate: rates[row] / params.hop_length,
    events: signalOf(data.column("events"), row),
  }));
}
