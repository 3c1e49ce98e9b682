import { join } from "node:path";
import { type AnyStage, Dataset, dataset, defineMap, defineStage, type StageNode, utf8 } from "@seqloom/core";
import { openStore, type PlanNode, planPipeline, planSweep, runPipeline, type Sweep } from "@seqloom/core/engine";
import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { currentRuntime, keyOf, keyRecordOf, sha256 } from "../../../packages/core/dist/keys/record.js";
import { compileText } from "../../../packages/core/dist/yaml/compile-file.js";
import { temporaryFolder } from "../../support/pipeline.js";
import { registryOf } from "../../support/registry.js";

/** Its parameters have several ways of being written that mean the same, and so the same key. */
const make = defineStage({
  id: "own/make",
  version: 1,
  description: "A few texts.",
  seeded: true,
  inputs: {},
  outputs: { data: dataset({ text: "utf8" }) },
  params: z.strictObject({
    rows: z.coerce.number().int().min(1).default(1),
    kind: z.string().trim().default("a"),
    more: z.record(z.string(), z.number()).default({}),
  }),
  run: (_, { rows, kind }, context) => {
    const number = kind === "drawn" ? Math.floor(context.random.uniform() * 9) : 0;
    const texts = Array.from({ length: rows }, () => `${kind.length} ${number}`);
    const data = Dataset.of<{ readonly text: "utf8" }>({ text: utf8(texts) });
    return { data };
  },
});

const change = defineMap({
  id: "own/change",
  version: 1,
  description: "Adds to each text.",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({ add: z.string().default("") }),
  apply: (batch, { add }) => batch.with({ text: utf8([...batch.column("text").values].map((text) => text + add)) }),
});

const stages: readonly AnyStage[] = [make, change];
const definitions = new Map<string, AnyStage>([
  ["first", make],
  ["second", change],
  ["other", make],
  ["third", change],
]);

const AXES: Readonly<Record<string, readonly unknown[]>> = {
  rows: [1, "1", 2, " 2"],
  kind: ["a", " a", "drawn", "b"],
  more: [{}, { x: 1, y: 2 }, { x: 1, y: 3 }],
  add: ["", "!", "${params.kind}"],
  suffix: ["", "!"],
  seed: [1, 2],
};

const matrix = fc
  .subarray(Object.keys(AXES), { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray([...AXES[name]], { minLength: 1 })]))),
  );

function fileOf(axes: Readonly<Record<string, readonly unknown[]>> | null, values: Readonly<Record<string, unknown>>) {
  const { seed = 0, ...given } = values;
  const params = { rows: 1, kind: "a", more: {}, add: "", suffix: "", ...given };
  return JSON.stringify({
    seqloom: 1,
    name: "p",
    seed,
    params,
    stages: {
      first: { use: "own/make", with: { rows: "${params.rows}", kind: "${params.kind}", more: "${params.more}" } },
      second: { use: "own/change", in: "first", with: { add: "${params.add}${params.suffix}" } },
      other: { use: "own/make" },
      third: { use: "own/change", in: "second", with: { add: "${params.suffix}" } },
    },
    ...(axes !== null && { matrix: { axes } }),
  });
}

async function compiled(text: string) {
  const file = await compileText(text, "/p.yaml", registryOf(stages));
  if (file.pipeline === null) throw new Error(JSON.stringify(file.diagnostics));
  return file;
}

/** The key that a stage has when what comes in is named by the keys of what makes it. */
function plainName(node: StageNode, nodes: readonly StageNode[]): string {
  const inputs = Object.entries(node.inputs).map(([port, { stage, port: from }]) => {
    const producer = nodes.find(({ name }) => name === stage) as StageNode;
    return [port, sha256(`${plainName(producer, nodes)} ${from}`)];
  });
  return keyOf(keyRecordOf(node, Object.fromEntries(inputs), {}, currentRuntime("simd")));
}

function without({ at: _, references: __, ...node }: StageNode): object {
  return node;
}

function inWords(planned: PlanNode): string {
  return planned.status === "hit" || planned.status === "run" ? `${planned.status} ${planned.key}` : planned.status;
}

it("points are compiled to what the file with their values compiles to, and planned to the same keys", async () => {
  await fc.assert(
    fc.asyncProperty(matrix, fc.nat(), async (axes, choice) => {
      const whole = await compiled(fileOf(axes, {}));
      const sweep: Sweep = { pipeline: whole.pipeline, points: whole.points };
      for (const { values, pipeline } of sweep.points) {
        const alone = await compiled(fileOf(null, values));
        expect(pipeline.nodes.map(without)).toEqual(alone.pipeline.nodes.map(without));
        expect([pipeline.seed, pipeline.predict]).toEqual([alone.pipeline.seed, alone.pipeline.predict]);
      }
      const store = openStore(join(temporaryFolder(), "store"));

      // Nothing is there: executions are the same where their keys would be.
      const first = await planSweep(sweep, store);
      const names = new Map<string, number>();
      for (const { point, executions } of first.points) {
        const { nodes } = point.pipeline;
        for (const [at, node] of nodes.entries()) {
          const name = `${node.name} ${plainName(node, nodes)}`;
          const number = names.get(name) ?? executions[at];
          names.set(name, number);
          expect(executions[at]).toBe(number);
        }
      }
      expect(first.executions).toHaveLength(names.size);

      // A point has run: each stage of each point has the key, or none, that a plan of the point alone gives it.
      const ran = sweep.points[choice % sweep.points.length];
      expect((await runPipeline(ran.pipeline, { store, definitions })).status).toBe("succeeded");
      const second = await planSweep(sweep, store);
      for (const { point, executions } of second.points) {
        const plain = await planPipeline(point.pipeline, store);
        const words = executions.map((number) => {
          const { status, key } = second.executions[number];
          return key === null ? "unknown" : `${status} ${key}`;
        });
        expect(words).toEqual(plain.nodes.map(inWords));
      }
      const uses = second.points.flatMap(({ executions }) => executions);
      expect(second.executions.map(({ points }) => points)).toEqual(
        second.executions.map((_, at) => uses.filter((number) => number === at).length),
      );
    }),
    { numRuns: 20 },
  );
});
