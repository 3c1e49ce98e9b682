// How much faster recurrent classifiers train on all cores than on one.
import { availableParallelism } from "node:os";
import { type Comparison, compared } from "./support/measure.js";
import { medians, ourTimes, ROUNDS, type Times } from "./support/torch.js";
import { build, MODELS, SIZES } from "./train-step.js";

export const name = "threads";
export const description = "speed of one training step on all cores over that on one";

/** Both by turns, for the LSTM and the GRU of each size. */
export async function run(): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  const threads = availableParallelism();
  for (const model of MODELS.slice(0, 2)) {
    for (const size of SIZES) {
      const one: Times[] = [];
      const all: Times[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        one.push(await ourTimes(() => build(model, size), 1, 2));
        all.push(await ourTimes(() => build(model, size), threads, 2));
      }
      const [slow, fast] = [medians(one).train, medians(all).train];
      const step = `${model.title} ${size.units}, batch ${size.batch}, ${size.time} steps`;
      const note = `${slow.toFixed(1)} ms on one thread, ${fast.toFixed(1)} ms on ${threads}`;
      rows.push(
        compared(`${name}: train, ${step}, ${threads} threads over one`, "times as fast", slow / fast, null, note),
      );
    }
  }
  return rows;
}
