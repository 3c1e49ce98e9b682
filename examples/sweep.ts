/**
 * @file A pipeline with a matrix, composed in TypeScript: six trainings that share their data, and the best of them.
 *
 *     npm run example sweep
 */
import { generateReviews, split } from "@seqloom/data";
import { evaluate, train } from "@seqloom/models";
import { encode, pad, tokenize } from "@seqloom/text";
import { PipelineBuilder, sortedBy, sweep, sweepTable } from "seqloom";

const params = { units: 8, rate: 0.01 };

/** The pipeline; `p.param` stands for a value that the matrix varies. */
export function reviewSweep(epochs = 4): PipelineBuilder<typeof params> {
  const p = new PipelineBuilder({
    name: "review-sweep",
    seed: 7,
    params,
    matrix: { axes: { units: [4, 8], rate: { from: 0.001, to: 0.1, scale: "log", steps: 3 } } },
  });
  const reviews = p.stage("reviews", generateReviews, { with: { rows: 300 } });
  const parts = p.stage("split", split, { in: reviews, with: { test: 0.2 } });
  const ids = p.stage("ids", encode, { in: p.stage("tokens", tokenize, { in: parts }) });
  const padded = p.stage("padded", pad, { in: ids, with: { length: 12 } });
  const model = p.stage("model", train, {
    in: padded,
    with: {
      layers: [
        { embedding: { units: 8 } },
        { lstm: { units: p.param("units") } },
        { dense: { units: 2, activation: "softmax" } },
      ],
      optimizer: { adam: { learning_rate: p.param("rate") } },
      epochs,
    },
  });
  p.stage("scores", evaluate, { in: model });
  return p;
}

/** Runs all points, and says which was the best. */
export async function main(home?: string): Promise<void> {
  const { columns, leading, rows } = sweepTable(await sweep(reviewSweep(), { home }));
  const [best] = sortedBy(rows, leading ?? "accuracy");
  console.log(`${rows.length} points, best: units ${best.units}, rate ${best.rate}`);
  console.log(columns.map((name) => `${name} ${best[name]}`).join(", "));
}
