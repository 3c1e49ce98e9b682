import { DiagnosticError, type Pipeline } from "@seqloom/core";
import { openStore, planPipeline, runPipeline } from "@seqloom/core/engine";
import { comparePlans, type PlanDocument, planDocument, whatIf } from "@seqloom/core/plan-tools";
import { compileText } from "@seqloom/core/yaml";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { probes, registryOf } from "../../support/registry.js";
import { filesUnder } from "../store/support.js";

const fixture = await loadFixtures(new URL("../run/fixtures/stages.mjs", import.meta.url));

/** A chain or tree of maps: stage i takes its input from an earlier one. */
const graph = fc
  .array(fc.nat(), { minLength: 1, maxLength: 8 })
  .map((parents) =>
    pipelineOf([
      node("s0", fixture("source")),
      ...parents.map((parent, i) =>
        node(`s${i + 1}`, fixture("upper"), { in: `s${parent % (i + 1)}`, with: { suffix: `${i}` } }),
      ),
    ]),
  );

/** All stages after one, found by walking the other way than the code does. */
function reachable({ nodes }: Pipeline, from: string): string[] {
  const isAfter = (name: string): boolean => {
    const inputs = Object.values(nodes.find((one) => one.name === name)?.inputs ?? {});
    return inputs.some(({ stage }) => stage === from || isAfter(stage));
  };
  return nodes.map(({ name }) => name).filter(isAfter);
}

describe("what would run if something changed", () => {
  it("is the stage itself, and all that can be reached from it", () => {
    fc.assert(
      fc.property(graph, fc.nat(), (pipeline, pick) => {
        const { name } = pipeline.nodes[pick % pipeline.nodes.length];
        const before = JSON.stringify(pipeline);
        const { runs, follow } = whatIf(pipeline, name);
        expect(runs).toEqual([name]);
        expect(follow).toEqual(reachable(pipeline, name));
        expect(whatIf(pipeline, name)).toEqual({ ...whatIf(pipeline, name) });
        expect(JSON.stringify(pipeline)).toBe(before);
      }),
    );
  });

  const registry = registryOf(probes);
  const YAML = `seqloom: 1
params: { rows: 3, keep: { words: [a] }, list: "\${params.keep.words}", unused: 1 }
stages:
  rows: { use: probe/source, with: { rows: "\${params.rows}" } }
  words: { use: probe/words, in: rows, with: { keep: "\${params.list}" } }
  more: { use: probe/words, in: rows }
  ids: { use: probe/encode, in: words }
`;

  it.each([
    ["params.rows", "param", ["rows"], ["words", "more", "ids"]],
    ["rows", "stage", ["rows"], ["words", "more", "ids"]],
    ["params.list", "param", ["words"], ["ids"]],
    ["params.keep", "param", ["words"], ["ids"]],
    ["params.keep.words", "param", ["words"], ["ids"]],
    ["params.keep.other", "param", [], []],
    ["unused", "param", [], []],
    ["device", "device", [], []],
  ])("follows %s", async (what, kind, runs, follow) => {
    const { pipeline } = await compileText(YAML, "/p/a.yaml", registry);
    expect(whatIf(pipeline as Pipeline, what)).toEqual({
      schema: "what-if/1",
      change: { kind, name: what },
      runs,
      follow,
    });
  });

  it.each([
    ["data/a.csv", ["one", "glob"]],
    ["./data/a.csv", ["one", "glob"]],
    ["/p/data/a.csv", ["one", "glob"]],
    ["data/deep/b.csv", ["glob"]],
    ["src/helper.ts", ["code"]],
  ])("finds what reads the file %s", (file, runs) => {
    const reading = (name: string, path: string) => ({
      ...node(name, fixture("source")),
      files: { files: [{ path }] },
    });
    const pipeline = pipelineOf(
      [reading("one", "./data/a.csv"), reading("glob", "data/**/*.{csv,txt}"), node("code", fixture("source"))],
      {
        directory: "/p",
      },
    );
    expect(whatIf(pipeline, file, ({ name }) => (name === "code" ? ["src/helper.ts"] : [])).runs).toEqual(runs);
  });

  it("refuses what the pipeline does not have, with the nearest name", async () => {
    const { pipeline } = await compileText(YAML, "/p/a.yaml", registry);
    const attempt = () => whatIf(pipeline as Pipeline, "wrods");
    expect(attempt).toThrow(DiagnosticError);
    expect(attempt).toThrow('"wrods" is no stage, parameter or file');
  });
});

describe("a plan as a document", () => {
  const documentOf = async (pipeline: Pipeline, folder: string): Promise<PlanDocument> =>
    JSON.parse(JSON.stringify(planDocument(pipeline, await planPipeline(pipeline, openStore(folder)), () => 5)));

  it("is the same each time that it is made, and making it changes nothing", async () => {
    const pipeline = pipelineOf([node("a", fixture("source")), node("b", fixture("upper"), { in: "a" })]);
    const folder = temporaryFolder();
    await runPipeline(pipeline, { store: openStore(folder) });
    const files = filesUnder(folder);
    const first = await documentOf(pipeline, folder);
    expect(await documentOf(pipeline, folder)).toEqual(first);
    expect(filesUnder(folder)).toEqual(files);
    expect(JSON.stringify(first)).not.toContain(folder);
  });

  it("differs from itself in nothing, and from another in what the keys are made of", async () => {
    const of = (suffix: string) =>
      pipelineOf([
        node("a", fixture("source")),
        node("b", fixture("upper"), { in: "a", with: { suffix } }),
        node("c", fixture("upper"), { in: "b", with: { suffix: "c" } }),
        node("d", fixture("upper"), { in: "a", with: { suffix: "d" } }),
      ]);
    const folder = temporaryFolder();
    await runPipeline(of("!"), { store: openStore(folder) });
    const [before, after] = [await documentOf(of("!"), folder), await documentOf(of("?"), folder)];
    expect(comparePlans(before, before)).toMatchObject({ changed: 0, total: 4, estimated_ms: 0 });
    const { stages, changed, estimated_ms } = comparePlans(before, after);
    expect(stages.map(({ name, change }) => `${name} ${change}`)).toEqual([
      "a same",
      "b changed",
      "c follows",
      "d same",
    ]);
    expect(stages[1].reasons.map(({ text }) => text)).toEqual(['with.suffix "!" → "?"']);
    expect({ changed, estimated_ms }).toEqual({ changed: 2, estimated_ms: 10 });
    const fewer = pipelineOf(of("!").nodes.filter(({ name }) => name !== "d"));
    expect(comparePlans(before, await documentOf(fewer, folder)).stages.at(-1)).toMatchObject({
      name: "d",
      change: "removed",
    });
    expect(comparePlans(await documentOf(fewer, folder), before).stages.at(-1)).toMatchObject({
      name: "d",
      change: "added",
    });
  });

  it("says that a stage changed exactly when its keys differ", async () => {
    const chain = (suffixes: readonly string[]) =>
      pipelineOf([
        node("s0", fixture("source")),
        ...suffixes.map((suffix, i) => node(`s${i + 1}`, fixture("upper"), { in: "s0", with: { suffix } })),
      ]);
    const suffix = fc.constantFrom("a", "b");
    const folder = temporaryFolder();
    await runPipeline(chain([]), { store: openStore(folder) });
    await fc.assert(
      fc.asyncProperty(fc.tuple(suffix, suffix), fc.tuple(suffix, suffix), async (one, two) => {
        const [before, after] = [await documentOf(chain(one), folder), await documentOf(chain(two), folder)];
        for (const [at, { change }] of comparePlans(before, after).stages.entries()) {
          expect(change === "same").toBe(before.stages[at].key === after.stages[at].key);
        }
      }),
      { numRuns: 16 },
    );
  });
});
