/**
 * @file pipelines/movie-reviews.yaml, composed in TypeScript: the same stages, the same results, and types on every edge.
 *
 *     npm run example movie-reviews
 */
import { loadCsv } from "@seqloom/data";
import { evaluate, train } from "@seqloom/models";
import { encode, normalise, pad, tokenize } from "@seqloom/text";
import { PipelineBuilder, predictor, run, withColumns } from "seqloom";

const DATA = "https://raw.githubusercontent.com/srush/BT-AI/aa1dd772f6be22bddc0560022568d3c9e1ad9032/notebooks";

/** The pipeline; `epochs` as in the source by default. */
export function movieReviews({ seed = 1, units = 32, epochs = 6 } = {}): PipelineBuilder {
  const p = new PipelineBuilder({ name: "movie-reviews", seed });
  const reviews = p.stage("reviews", loadCsv, {
    with: {
      files: {
        train: {
          url: `${DATA}/sst_movie_reviews_processed_train.csv.gz`,
          sha256: "6ea767e97c60269f9c72734802e3a2b083cbdb308a7f0f5d0d244038c603925b",
        },
        test: {
          url: `${DATA}/sst_movie_reviews_processed_test.csv.gz`,
          sha256: "1ad38da033e91abb7e9852e20aeca0b65a979d6c152f5b3651d6062b5dd7b95c",
        },
      },
      columns: { label: "class", tokens: { from: "0..54", pad: "PAD" } },
    },
  });
  const ids = p.stage("ids", encode, {
    in: withColumns(reviews, { label: "label", tokens: "tokens" }),
    with: { pad: "PAD", unknown: "OOV" },
  });
  const padded = p.stage("padded", pad, { in: ids, with: { length: 55, side: "post", truncate: "post" } });
  const model = p.stage("model", train, {
    in: padded,
    with: {
      layers: [{ embedding: { units: 32 } }, { lstm: { units } }, { dense: { units: 2, activation: "softmax" } }],
      optimizer: "adam",
      epochs,
      batch_size: 150,
    },
  });
  p.stage("scores", evaluate, { in: model });
  return p.predict({
    source: reviews,
    model,
    prepare: [{ use: normalise }, { use: tokenize, with: { kind: "words" } }],
  });
}

/** Trains, says how well, and predicts one sentence. */
export async function main(home?: string): Promise<void> {
  const pipeline = movieReviews();
  const record = await run(pipeline, { home });
  const scores = record.stages.find((stage) => stage.name === "scores");
  console.log(`accuracy ${scores?.metrics.accuracy.toFixed(3)}`);

  const predict = await predictor(pipeline, { home });
  for (const { input, label, probabilities } of await predict(["a great cast and a wonderful film"])) {
    console.log(`${input}: ${label}`, probabilities);
  }
}
