import { type Pipeline, PipelineBuilder } from "@seqloom/core";
import { compileText, pipelineToYaml } from "@seqloom/core/yaml";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode, model, pad, probes, registryOf, source, words } from "../../support/registry.js";

const registry = registryOf(probes);

/** What must survive: all but places in a file, which a pipeline built in code has not, and what `${…}` was there. */
function content({ nodes, predict, file: _, directory: __, ...rest }: Pipeline): unknown {
  const bare = ({ at: _at, references: _references, ...node }: Pipeline["nodes"][number]) => node;
  return { ...rest, nodes: nodes.map(bare), predict: predict && { ...predict, prepare: predict.prepare.map(bare) } };
}

const compiled = async (text: string): Promise<Pipeline> => {
  const { pipeline, diagnostics } = await compileText(text, "/p/a.yaml", registry);
  expect(diagnostics).toEqual([]);
  return pipeline as Pipeline;
};

/** Texts that YAML or the references of a pipeline could take for something else. */
const text = fc.oneof(
  fc.constantFrom(
    "no",
    "1",
    "null",
    "~",
    "${seed}",
    "$${name}",
    "${",
    "a: b",
    "# x",
    "- x",
    " x ",
    "",
    "é\n\tb",
    "'",
    '"',
    "&a",
    "*a",
    "!t",
    "0x1f",
    "2001-01-01",
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/).filter((one) => !["constructor"].includes(one));

const built = fc
  .record({
    name: fc.string({ minLength: 1, maxLength: 8 }).filter((one) => one.trim() !== "" && !/[/\\]|\.\.|^\.$/.test(one)),
    seed: fc.nat(),
    params: fc.dictionary(name, fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()), {
      noNullPrototype: true,
    }),
    rows: fc.integer({ min: 1, max: 9 }),
    keep: fc.array(
      fc.oneof(
        text.filter((one) => one !== ""),
        fc.record({ word: text, weight: fc.constantFrom(0.5, 1e-7, 3) }),
      ),
      { maxLength: 3 },
    ),
    names: fc.uniqueArray(name, { minLength: 5, maxLength: 5 }),
    length: fc.integer({ min: 1, max: 9 }),
    renamed: fc.boolean(),
    prepare: fc.boolean(),
  })
  .map(({ names: [a, b, c, d, e], ...spec }) => {
    const { name: title, seed, params } = spec;
    const p = new PipelineBuilder({ name: title, seed, params });
    const rows = p.stage(a, source, { with: { rows: spec.rows } });
    const tokens = spec.renamed
      ? p.stage(b, words, { in: rows, with: { keep: spec.keep }, columns: { tokens: "tokens" } })
      : p.stage(b, words, { in: { data: rows }, with: { kind: "letters", keep: spec.keep } });
    const ids = p.stage(c, encode, { in: tokens });
    const padded = p.stage(d, pad, { in: ids, with: { length: spec.length } });
    const trained = p.stage(e, model, { in: padded });
    if (spec.prepare) p.predict({ source: rows, model: trained, prepare: [{ use: words, with: { kind: "letters" } }] });
    return p;
  });

describe("a pipeline as YAML", () => {
  it("compiles to what the builder builds", async () => {
    await fc.assert(
      fc.asyncProperty(built, async (builder) => {
        const { pipeline } = await builder.build(registry);
        expect(content(await compiled(await builder.toYAML()))).toEqual(content(pipeline));
      }),
      { numRuns: 200 },
    );
  });

  it("that is rendered compiles to the same pipeline, and renders to the same text", async () => {
    const installed = (node: Pipeline["nodes"][number]) => ({
      ...node,
      stage: { ...node.stage, module: { url: "file:///x.js", name: "x" } },
    });
    const withModules = ({ nodes, predict, ...rest }: Pipeline): Pipeline => ({
      ...rest,
      nodes: nodes.map(installed),
      predict: predict && { ...predict, prepare: predict.prepare.map(installed) },
    });
    await fc.assert(
      fc.asyncProperty(built, async (builder) => {
        const pipeline = await compiled(await builder.toYAML());
        const rendered = pipelineToYaml(withModules(pipeline));
        const again = await compiled(rendered);
        expect(again.nodes.map(({ params, inputs, seed, stage }) => ({ params, inputs, seed, id: stage.id }))).toEqual(
          pipeline.nodes.map(({ params, inputs, seed, stage }) => ({ params, inputs, seed, id: stage.id })),
        );
        expect(pipelineToYaml(withModules(again))).toBe(rendered);
      }),
      { numRuns: 100 },
    );
  });

  it("cannot hold a stage that lives in memory only", async () => {
    const p = new PipelineBuilder({ name: "memory" });
    p.stage("rows", source);
    const { pipeline } = await p.build(registry);
    expect(() => pipelineToYaml(pipeline)).toThrow('stage "rows" (probe/source) is defined in memory');
  });
});
