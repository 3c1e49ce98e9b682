import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run as runPipeline } from "seqloom";
import { type Comparison, compared, dataFolder, median } from "./support/measure.js";

export const name = "movie-reviews";
export const description = "pipelines/movie-reviews.yaml, seeds 1 to 5, beside what its source printed";

const file = fileURLToPath(new URL("../../pipelines/movie-reviews.yaml", import.meta.url));

/** What the notebook that the pipeline reproduces printed, for one run. */
const SOURCE = { accuracy: 0.803, secondsPerEpoch: 2 };

/** Median test accuracy of five seeds, and median seconds of an epoch. */
export async function run(): Promise<Comparison[]> {
  const mirror = dataFolder();
  if (mirror === null) throw new Error("movie-reviews needs the data sets: set SEQLOOM_MIRROR");
  const home = mkdtempSync(join(tmpdir(), "seqloom-bench-"));
  const accuracies: number[] = [];
  const seconds: number[] = [];
  try {
    for (const seed of ["1", "2", "3", "4", "5"]) {
      const record = await runPipeline(file, { home, set: { seed }, mirrors: [mirror] });
      for (const { metrics, epochs } of record.stages) {
        if ("accuracy" in metrics && "f1_macro" in metrics) accuracies.push(metrics.accuracy);
        seconds.push(...epochs.map(({ ms }) => ms / 1000));
      }
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const shown = accuracies.map((value) => value.toFixed(4)).join(", ");
  return [
    compared(`${name}/accuracy`, "accuracy", median(accuracies), SOURCE.accuracy, `seeds 1 to 5: ${shown}`),
    compared(`${name}/epoch`, "s", median(seconds), SOURCE.secondsPerEpoch, "seconds per epoch; peer: the source's"),
  ];
}
