import { type MatrixOptions, PipelineBuilder } from "@seqloom/core";
import { compileText } from "@seqloom/core/yaml";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, pad, probes, registryOf, source, words } from "../../support/registry.js";

const registry = registryOf(probes);
const params = { rows: 1, length: 4, kind: "words" as "words" | "letters", keep: "a" };
type Params = typeof params;

function built(matrix: MatrixOptions<Params>) {
  const p = new PipelineBuilder({ name: "p", seed: 3, params, matrix });
  const rows = p.stage("rows", source, { with: { rows: p.param("rows") } });
  const tokens = p.stage("tokens", words, {
    in: rows,
    with: { kind: p.param("kind"), keep: ["${seed}", p.param("keep")] },
  });
  p.stage("padded", pad, { in: p.stage("ids", encode, { in: tokens }), with: { length: p.param("length") } });
  return p;
}

describe("a pipeline with a matrix that is built in code", () => {
  it("has the points of the file that it writes", async () => {
    const axes = fc.record(
      {
        rows: fc.subarray([1, 2, 3], { minLength: 1 }),
        length: fc.constantFrom([4], [8, 4], { from: 1, to: 9, steps: 3, integer: true }),
        kind: fc.subarray(["words", "letters"] as const, { minLength: 1 }),
        keep: fc.subarray(["x", "${name}", "$${", "a: b", "1"], { minLength: 1 }),
        seed: fc.subarray([0, 1], { minLength: 1 }),
      },
      { requiredKeys: ["rows"] },
    );
    await fc.assert(
      fc.asyncProperty(axes, fc.boolean(), async (some, included) => {
        const include = included ? [{ rows: 7 }] : [];
        const p = built({ axes: some, include } as MatrixOptions<Params>);
        const own = await p.build(registry);
        const file = await compileText(await p.toYAML(), "/p/p.yaml", registry);
        expect(file.diagnostics).toEqual([]);
        const points = file.pipeline === null ? [] : file.points;
        expect(own.points.map(({ id, label }) => [id, label])).toEqual(points.map(({ id, label }) => [id, label]));
        for (const [at, { pipeline, values }] of points.entries()) {
          const bare = ({ nodes }: typeof pipeline) => nodes.map(({ at: _, ...node }) => node);
          expect(bare(own.points[at].pipeline)).toEqual(bare(pipeline));
          expect(own.points[at].values).toEqual(values);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("takes values as they are, a text with a reference in it too", async () => {
    const { pipeline, points } = await built({ axes: { keep: ["${params.rows}"] } }).build(registry);
    const kept = (nodes: typeof pipeline.nodes) => nodes.find(({ name }) => name === "tokens")?.params.keep;
    expect(kept(pipeline.nodes)).toEqual(["${seed}", "a"]);
    expect(kept(points[0].pipeline.nodes)).toEqual(["${seed}", "${params.rows}"]);
  });

  it("says what is wrong with the matrix, and does not compile where types can tell", async () => {
    // @ts-expect-error: there is no parameter of this name
    await expect(built({ axes: { row: [1] } }).build(registry)).rejects.toThrow('no parameter "row"');
    // @ts-expect-error: the parameter is a number
    await expect(built({ axes: { rows: ["many"] } }).build(registry)).rejects.toThrow("at rows=many");
    await expect(built({ axes: { rows: { from: 2, to: 1, steps: 2 } } }).build(registry)).rejects.toThrow(
      "less than to",
    );
    await expect(built({ axes: { rows: [] } }).build(registry)).rejects.toThrow("has no values");
    // @ts-expect-error: there is no parameter of this name
    expect(() => built({ axes: { rows: [1] } }).param("cols")).toThrow('there is no parameter "cols"');
  });
});
