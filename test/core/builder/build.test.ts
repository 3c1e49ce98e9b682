import { Dataset, dataset, defineMap, defineStage, type MapDefinition, PipelineBuilder, utf8 } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { registryOf } from "../../support/registry.js";
import { temporaryHome } from "../../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

const rows = defineStage({
  id: "own/rows",
  version: 1,
  description: "two texts",
  inputs: {},
  outputs: { data: dataset({ text: "utf8" }) },
  params: z.strictObject({}),
  inference: "source",
  run: () => ({ data: Dataset.of<{ text: "utf8" }>({ text: utf8(["abc", "def"]) }) }),
});

/** A map over the texts. */
function textMap(id: string, change: (text: string) => string): MapDefinition<{ text: "utf8" }, { text: "utf8" }> {
  return defineMap({
    id,
    version: 1,
    description: "text → text",
    input: dataset({ text: "utf8" }),
    output: dataset({ text: "utf8" }),
    params: z.strictObject({}),
    apply: (batch) => batch.with({ text: utf8(batch.column("text").values.map(change)) }),
  }) as never;
}

const upper = textMap("own/upper", (text) => text.toUpperCase());
const reversed = textMap("own/upper", (text) => [...text].reverse().join(""));
const registry = registryOf([]);

describe("a pipeline that is built in code", () => {
  it("runs stages that live in memory, and finds their results again", async () => {
    const p = new PipelineBuilder({ name: "own" });
    p.stage("capitals", upper, { in: p.stage("rows", rows) });
    const built = await p.build(registry);
    const options = { store: openStore(home), definitions: built.definitions };
    const first = await runPipeline(built.pipeline, options);
    expect(first.stages.map(({ status }) => status)).toEqual(["run", "run"]);
    expect(first.stages[1].outputs.data.preview).toMatchObject({ sample: [{ text: "ABC" }, { text: "DEF" }] });
    expect((await runPipeline(built.pipeline, options)).stages.map(({ status }) => status)).toEqual(["hit", "hit"]);
  });

  it("refuses two stages with one id: one would be given the results of the other", async () => {
    const p = new PipelineBuilder({ name: "own" });
    const source = p.stage("rows", rows);
    p.stage("capitals", upper, { in: source });
    p.stage("backwards", reversed, { in: source });
    await expect(p.build(registry)).rejects.toThrow(/two stages of the pipeline have the id "own\/upper"/);
  });

  it("hands over the maps that prepare input, too", async () => {
    const p = new PipelineBuilder({ name: "own" });
    p.stage("rows", rows);
    p.predict({ prepare: [{ use: upper as never }] });
    await expect(p.build(registry)).rejects.toThrow(/no model to predict with/);
  });

  it("reports every problem that types cannot see", async () => {
    const p = new PipelineBuilder({ name: "own" });
    p.stage("no/slash", rows);
    p.stage("capitals", upper, { in: p.stage("rows", rows), columns: { txt: "text" } as never });
    const failure = await p.build(registry).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      diagnostics: [{ code: "stage-name" }, { code: "unknown-column", stage: "capitals" }],
    });
  });
});
