import { rmSync, writeFileSync } from "node:fs";
import { type AnyStage, Dataset, dataset, defineStage, numbers } from "@seqloom/core";
import { openStore, runPipeline, type Verdict, verifyPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";
import { filesUnder } from "../store/support.js";

const fixture = await loadFixtures(new URL("../run/fixtures/stages.mjs", import.meta.url));

const chain = () =>
  pipelineOf([
    node("rows", fixture("source")),
    node("shout", fixture("upper"), { in: "rows" }),
    node("count", fixture("rowCount"), { in: "shout" }),
    node("fickle", fixture("fickle")),
  ]);

/** Remembers how often it ran: what no stage should. */
function drifting(): AnyStage {
  let calls = 0;
  return defineStage({
    id: "test/drifting",
    version: 1,
    description: "Gives another number in its last row each time.",
    inputs: {},
    outputs: { data: dataset({ number: "number" }) },
    params: z.strictObject({}),
    run: () => ({ data: Dataset.of<{ number: "number" }>({ number: numbers([1, 2, 3 + calls++ / 4]) }) }),
  }) as unknown as AnyStage;
}

const short = (verdicts: readonly Verdict[]) =>
  Object.fromEntries(verdicts.map(({ stage, status }) => [stage, status]));

describe("verify", () => {
  it("runs every stage again, finds the one that is not reproducible, and leaves the store as it was", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(chain(), { store });
    const before = filesUnder(store.directory);
    const heard: string[] = [];
    const verdicts = await verifyPipeline(chain(), { store, onStage: ({ stage }) => heard.push(stage) });
    expect(short(verdicts)).toEqual({ rows: "same", shout: "same", count: "same", fickle: "different" });
    expect(heard).toEqual(["rows", "shout", "count", "fickle"]);
    const [{ port, difference }] = verdicts[3].different;
    expect(port).toBe("text");
    expect(difference?.before).toMatch(/^"\d+"$/);
    expect(filesUnder(store.directory)).toEqual(before);
  });

  it("catches a stage in memory that remembers, and says which row differs and by how much", async () => {
    const store = openStore(temporaryFolder());
    const definition = drifting();
    const pipeline = pipelineOf([node("drift", { definition, module: null })]);
    const definitions = new Map([["drift", definition]]);
    await runPipeline(pipeline, { store, definitions });
    const [verdict] = await verifyPipeline(pipeline, { store, definitions });
    expect(verdict).toMatchObject({
      status: "different",
      different: [
        {
          port: "data",
          difference: { where: "row 2, column number", before: "3", after: "3.25", count: 1, of: 3, largest: 0.25 },
        },
      ],
    });
  });

  it("verifies only what is named, says what has no result, and refuses names that are no stages", async () => {
    const store = openStore(temporaryFolder());
    await runPipeline(chain(), { store, targets: ["shout"] });
    expect(short(await verifyPipeline(chain(), { store, stages: ["shout"] }))).toEqual({ shout: "same" });
    expect(short(await verifyPipeline(chain(), { store, stages: ["count"] }))).toEqual({ count: "no-result" });
    await expect(verifyPipeline(chain(), { store, stages: ["cuont"] })).rejects.toMatchObject({
      diagnostics: [{ code: "unknown-target", hint: 'Did you mean "count"?' }],
    });
  });

  it("says so when the stored input of a stage was damaged", async () => {
    const store = openStore(temporaryFolder());
    const { stages } = await runPipeline(chain(), { store });
    const [{ digest }] = stages[0].outputs.data.files;
    const blob = store.blobPath(digest);
    const size = stages[0].outputs.data.files[0].size;
    rmSync(blob);
    writeFileSync(blob, new Uint8Array(size));
    const [verdict] = await verifyPipeline(chain(), { store, stages: ["shout"] });
    expect(verdict).toMatchObject({ status: "failed", diagnostics: [{ code: "artifact-damaged" }] });
  });
});
