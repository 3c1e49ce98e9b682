import { selectPoints } from "@seqloom/core";
import { compileText } from "@seqloom/core/yaml";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valueText } from "../../../packages/core/dist/sweep/point.js";
import { probes, registryOf } from "../../support/registry.js";

const registry = registryOf(probes);

/** The points of a matrix over two parameters of which a stage uses the first, another the second. */
async function pointsOf(matrix: unknown) {
  const text = JSON.stringify({
    seqloom: 1,
    seed: 3,
    params: { rows: 1, kind: "words", pad: { length: 4 } },
    matrix,
    stages: {
      source: { use: "probe/source", with: { rows: "${params.rows}" } },
      words: { use: "probe/words", in: "source", with: { kind: "${params.kind}" } },
      ids: { use: "probe/encode", in: "words" },
      padded: { use: "probe/pad", in: "ids", with: { length: "${params.pad.length}" } },
    },
  });
  const { pipeline, points, diagnostics } = { points: [], ...(await compileText(text, "/x/p.yaml", registry)) };
  expect(diagnostics).toEqual([]);
  expect(pipeline).not.toBeNull();
  return points;
}

const labels = (points: readonly { readonly label: string }[]) => points.map(({ label }) => label);

describe("the points of a matrix", () => {
  it("are every combination, the last axis first, without what is excluded and with what is included", async () => {
    const points = await pointsOf({
      axes: { rows: [1, 2], kind: ["words", "letters"] },
      exclude: [{ rows: 2, kind: "letters" }],
      include: [{ rows: 9 }],
    });
    expect(labels(points)).toEqual([
      "rows=1,kind=words",
      "rows=1,kind=letters",
      "rows=2,kind=words",
      "rows=9,kind=words",
    ]);
  });

  it("have labels of one line that a terminal can show, whatever the values are", () => {
    for (const value of [
      "a\u0000b",
      "a\nb",
      "\u001b[2J",
      "a\u202eb",
      "\u007f",
      "\u009b",
      "x".repeat(300),
      "../../etc",
      "🎬",
    ]) {
      expect(valueText(value)).toMatch(/^[\p{L}\p{N}\p{P}\p{S} ]{1,32}$/u);
    }
    expect(valueText("a\u202eb")).not.toBe(valueText("a\u202ec"));
  });

  it("keep their ids and labels when values are added, wherever that is", async () => {
    const number = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(number, number, async (few, more) => {
        const all = [...new Set([...more, ...few])];
        const ids = new Map((await pointsOf({ axes: { rows: all } })).map(({ label, id }) => [label, id]));
        for (const { label, id } of await pointsOf({ axes: { rows: few } })) expect(ids.get(label)).toBe(id);
        expect(new Set(ids.values()).size).toBe(all.length);
      }),
      { numRuns: 20 },
    );
  });

  it("have the parameters of their pipeline, deep ones and the seed too, and share the stages that do not differ", async () => {
    const points = await pointsOf({ axes: { "pad.length": [4, 8], seed: [3, 5] } });
    expect(labels(points)).toEqual([
      "pad.length=4,seed=3",
      "pad.length=4,seed=5",
      "pad.length=8,seed=3",
      "pad.length=8,seed=5",
    ]);
    const [first, second, third] = points.map(({ pipeline }) => pipeline);
    expect([first.seed, second.seed]).toEqual([3, 5]);
    expect(third.params).toEqual({ rows: 1, kind: "words", pad: { length: 8 } });
    expect(third.nodes.map((node, at) => node === first.nodes[at])).toEqual([true, true, true, false]);
    expect(third.nodes[3].params).toEqual({ length: 8 });
    expect(second.nodes[0].seed).not.toBe(first.nodes[0].seed);
  });

  it("are the same pipelines as those that --set makes", async () => {
    const text =
      'seqloom: 1\nparams: { rows: 1 }\nstages: { a: { use: probe/source, with: { rows: "${params.rows}" } } }';
    const matrix = "\nmatrix: { axes: { rows: [1, 2, 3] } }";
    const swept = { points: [], ...(await compileText(text + matrix, "/x/p.yaml", registry)) };
    for (const { pipeline, values } of swept.points) {
      const { pipeline: set } = await compileText(text, "/x/p.yaml", registry, { "params.rows": String(values.rows) });
      expect(pipeline).toEqual(set);
    }
    const pinned = { points: [], ...(await compileText(text + matrix, "/x/p.yaml", registry, { "params.rows": "2" })) };
    expect(labels(pinned.points)).toEqual(["rows=2"]);
  });
});

describe("a sample", () => {
  const range = { from: 1, to: 1000, scale: "log", integer: true };

  it("draws the same points from the same seed, and others from another", async () => {
    for (const strategy of ["random", "latin-hypercube"]) {
      const draw = (seed: number) =>
        pointsOf({ axes: { rows: range, kind: ["words", "letters"] }, sample: { strategy, n: 6, seed } }).then(labels);
      expect(await draw(1)).toEqual(await draw(1));
      expect(await draw(1)).not.toEqual(await draw(2));
    }
  });

  it("draws the same values for an axis when another axis is added", async () => {
    const sample = { strategy: "random", n: 5, seed: 4 };
    const one = await pointsOf({ axes: { rows: range }, sample });
    const two = await pointsOf({ axes: { rows: range, "pad.length": { from: 1, to: 900, integer: true } }, sample });
    expect(two.map(({ values }) => values.rows)).toEqual(one.map(({ values }) => values.rows));
  });

  it("of a Latin hypercube has one point in every n-th part of every axis", async () => {
    const points = await pointsOf({
      axes: { rows: { from: 0.5, to: 100.5, integer: true }, "pad.length": { from: 0.5, to: 100.5, integer: true } },
      sample: { strategy: "latin-hypercube", n: 10, seed: 9 },
    }).catch(() => []);
    for (const axis of ["rows", "pad.length"]) {
      const parts = points.map(({ values }) => Math.min(9, Math.floor(((values[axis] as number) - 1) / 10)));
      expect(new Set(parts).size).toBe(10);
    }
  });

  it("at random takes no combination twice, and can take all", async () => {
    const axes = { rows: [1, 2, 3], kind: ["words", "letters"] };
    const points = await pointsOf({ axes, sample: { strategy: "random", n: 6 } });
    expect(new Set(labels(points)).size).toBe(6);
  });
});

describe("a grid over a logarithmic range", () => {
  it("has equal ratios, its ends exactly, and numbers that are short to write", async () => {
    const text =
      'seqloom: 1\nparams: { w: 1 }\nmatrix: { axes: { w: { from: 0.001, to: 10, scale: log, steps: 5 } } }\nstages: { a: { use: probe/source }, b: { use: probe/words, in: a, with: { keep: [{ word: x, weight: "${params.w}" }] } } }';
    const compiled = { points: [], ...(await compileText(text, "/x/p.yaml", registry)) };
    expect(compiled.diagnostics).toEqual([]);
    expect(compiled.points.map(({ values }) => values.w)).toEqual([0.001, 0.01, 0.1, 1, 10]);
  });
});

describe("choosing points", () => {
  it("takes a label, the beginning of an id, or some of the values", async () => {
    const points = await pointsOf({ axes: { rows: [1, 2], kind: ["words", "letters"] } });
    const choose = (text: string) => labels(selectPoints(points, text));
    expect(choose("rows=2,kind=words")).toEqual(["rows=2,kind=words"]);
    expect(choose("kind=words,rows=2.0")).toEqual(["rows=2,kind=words"]);
    expect(choose(points[1].id.slice(0, 6))).toEqual([points[1].label]);
    expect(choose("kind=letters")).toEqual(["rows=1,kind=letters", "rows=2,kind=letters"]);
    expect(() => choose("rows=3")).toThrow("no point");
    expect(() => choose("row=1")).toThrow('no point has a parameter "row"');
  });
});
