import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, planSweep, readRun, runSweep, type Store, type Sweep, sweepTable } from "@seqloom/core/engine";
import { loadSweep } from "@seqloom/core/load";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { halve, type Race, type RungOutcome } from "../../../packages/core/dist/sweep/halving.js";
import { temporaryFolder } from "../../support/pipeline.js";

const manifests = ["data", "text", "models"].map(
  (area) => new URL(`../../../packages/${area}/dist/stages.json`, import.meta.url),
);
const HALVING = "  halving: { monitor: val_loss, from: 1, factor: 2 }\n";
const FILE = `seqloom: 1
seed: 2
params: { rate: 0.01 }
matrix:
  axes: { rate: [0.0001, 0.001, 0.1] }
${HALVING}stages:
  reviews: { use: data/generate-reviews, with: { rows: 40 } }
  split: { use: data/split, in: reviews, with: { validation: 0.2 } }
  tokens: { use: text/tokenize, in: split }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: 6 } }
  model:
    use: models/train
    in: padded
    with:
      layers: [{ embedding: { units: 2 } }, { lstm: { units: 2, dropout: 0.2 } }, { dense: { units: 2, activation: softmax } }]
      optimizer: { adam: { learning_rate: "\${params.rate}" } }
      epochs: 3
  scores: { use: models/evaluate, in: model }
`;

async function sweepOf(text: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "sweep.yaml"), text);
  const { sweep, diagnostics } = await loadSweep(join(folder, "sweep.yaml"), { manifests, home: folder });
  expect(diagnostics).toEqual([]);
  return { sweep: sweep as Sweep, store: openStore(join(folder, "home")) };
}

function digests(store: Store, run: string | null) {
  const { stages } = readRun(store, run ?? "");
  return stages.map(({ name, outputs }) => [name, Object.values(outputs).map(({ digest }) => digest)]);
}

describe("successive halving", () => {
  it("trains the best to the end, with the bytes of a training that never stopped, and fewer epochs in all", async () => {
    const { sweep, store } = await sweepOf(FILE);
    expect((await planSweep(sweep, store)).rungs).toEqual([
      { points: 3, epochs: 1 },
      { points: 1, epochs: 2 },
      { points: 1, epochs: 3 },
    ]);
    let trained = 0;
    const on: number[] = [];
    const halved = await runSweep(sweep, {
      store,
      jobs: 2,
      listeners: [
        (event) => {
          if (event.type === "point-event" && event.event.type === "stage-epoch") trained++;
          if (event.type === "rung-finished") on.push(event.on);
        },
      ],
    });
    expect(halved.status).toBe("succeeded");
    expect(on).toEqual([1, 1]);
    expect(trained).toBe(3 + 1 + 1);
    const found = halved.points.map(({ status, rung, epochs }) => [status, rung, epochs]);
    expect([...found].sort()).toEqual([
      ["stopped", 1, 1],
      ["stopped", 1, 1],
      ["succeeded", 3, 3],
    ]);
    expect(sweepTable(halved).columns.slice(-2)).toEqual(["rung", "epochs"]);

    const straight = await sweepOf(FILE.replace(HALVING, ""));
    const grid = await runSweep(straight.sweep, { store: straight.store, jobs: 2 });
    const best = halved.points.findIndex(({ status }) => status === "succeeded");
    expect(digests(store, halved.points[best].run)).toEqual(digests(straight.store, grid.points[best].run));

    // What is in the cache decides neither who goes on nor what is said of the others.
    const cached = await runSweep(sweep, { store: straight.store });
    expect(cached.points.map(({ status, rung, epochs }) => [status, rung, epochs])).toEqual(found);
  }, 120_000);

  it("refuses a part of the pipeline without the training, and to force it", async () => {
    const { sweep, store } = await sweepOf(FILE);
    await expect(runSweep(sweep, { store, until: ["ids"] })).rejects.toThrow('"model", by which the matrix is halved');
    await expect(runSweep(sweep, { store, force: ["model"] })).rejects.toThrow('"force" and successive halving');
  });
});

const LOSSES = [0.1, 0.2, 0.3, Number.NaN, Number.POSITIVE_INFINITY];
const WHOLE = 9;

/** A sweep whose trainings tell these losses; those that are `there` are taken from the store, as it were. */
async function race(curves: readonly (readonly number[])[], there: readonly boolean[], monitor = "val_loss") {
  const pipeline = { nodes: [{ name: "model", stage: { resumable: "exact" }, params: { epochs: WHOLE } }] };
  const points = curves.map((_, at) => ({ id: `${at}`, label: `point=${at}`, values: {}, pipeline }) as never);
  const over: string[] = [];
  const run = async (some: readonly never[], until: number): Promise<RungOutcome[]> =>
    some.map((point) => {
      const at = points.indexOf(point);
      const paused = !there[at] && until < WHOLE;
      const losses = paused ? curves[at].slice(0, until) : curves[at];
      const epochs = losses.map((loss, epoch) => ({ epoch: epoch + 1, metrics: { val_loss: loss }, ms: 1 }));
      const { id, label } = point as { readonly id: string; readonly label: string };
      const result = { id, label, status: paused ? "interrupted" : "succeeded", metrics: {}, computeMs: 9 } as never;
      return { point, result, record: null, epochs, paused };
    });
  const asked: Race = { run, aborted: () => false, over: ({ id }) => over.push(id), rung: () => {} };
  const results = await halve(points, { monitor, from: 1, factor: 3 }, asked);
  expect(over.toSorted()).toEqual(points.map((_, at) => `${at}`).toSorted());
  return results;
}

describe("who goes on", () => {
  const curve = fc.array(fc.constantFrom(...LOSSES), { minLength: WHOLE, maxLength: WHOLE });

  it("depends on what the trainings tell, not on what the store has; of equals the earlier goes on", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(curve, fc.boolean()), { minLength: 1, maxLength: 12 }), async (points) => {
        const curves = points.map(([losses]) => losses);
        const all = await race(
          curves,
          curves.map(() => false),
        );
        expect(
          await race(
            curves,
            points.map(([, there]) => there),
          ),
        ).toEqual(all);
        const ended = all.filter(({ status }) => status === "succeeded");
        expect(ended).toHaveLength(Math.max(1, Math.floor(Math.max(1, Math.floor(points.length / 3)) / 3)));
        expect(all.every(({ status }) => status === "succeeded" || status === "stopped")).toBe(true);
        const rank = (at: number) => (Number.isNaN(curves[at][0]) ? Number.POSITIVE_INFINITY : curves[at][0]);
        const order = curves
          .map((_, at) => at)
          .sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b));
        const first = order.slice(0, Math.max(1, Math.floor(points.length / 3)));
        expect(all.flatMap(({ rung }, at) => ((rung ?? 0) > 1 ? [at] : []))).toEqual(first.toSorted((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it("is not judged by a measure that the trainings do not tell", async () => {
    const curves = [[0.1], [0.2]];
    await expect(race(curves, [false, false], "val_los")).rejects.toThrow('tells no "val_los"');
  });
});
