import { Dataset, type DiagnosticError, type Pipeline, utf8 } from "@seqloom/core";
import { applyPipeline, openPredictor, openStore, runPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));

const pipeline = (changes: { readonly count?: number; readonly source?: string; readonly columns?: object } = {}) =>
  pipelineOf(
    [
      node("rows", fixture("source"), { with: { count: changes.count ?? 4, word: "a long row" } }),
      node("label", fixture("label"), { in: "rows" }),
      node("shout", fixture("upper"), { in: "label" }),
      node("model", fixture("longest"), { in: "shout" }),
      node("count", fixture("rowCount"), { in: "model" }),
    ],
    {
      predict: {
        source: changes.source ?? "label",
        input: "text",
        prepare: [node("prepare", fixture("upper"), { with: { suffix: "!" } })],
        model: "model",
      },
    },
  );

const rows = (...texts: string[]) => Dataset.of({ text: utf8(texts) });
const refusal = async (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("nothing was refused"),
    (error: DiagnosticError) => error.diagnostics[0],
  );

async function trained(of: Pipeline = pipeline()) {
  const store = openStore(temporaryFolder());
  expect((await runPipeline(of, { store })).status).toBe("succeeded");
  return store;
}

describe("prediction", () => {
  it("sends rows through the stages between source and model, with the state that training left", async () => {
    const { rows: out } = await applyPipeline(pipeline(), await trained(), rows("hello", "you"));
    expect(out.column("text")).toEqual(utf8(["HELLO!", "YOU!"]));
    // The longest text of training has 12 letters; labels, which only fitting needs, are missing here.
    expect(out.column("length")).toMatchObject({ values: Int32Array.from([6, 8]) });
  });

  it("is the same for rows one by one, and loads everything once", async () => {
    const predictor = await openPredictor(pipeline(), await trained());
    expect(predictor.stages).toEqual(["prepare", "shout", "model"]);
    const both = (await predictor.predict(rows("hello", "you"))).rows;
    const second = (await predictor.predict(rows("you"))).rows;
    expect(second.column("length")).toEqual(both.select(Int32Array.of(1)).column("length"));
  });

  it("takes no rows", async () => {
    expect((await applyPipeline(pipeline(), await trained(), rows())).rows.rows).toBe(0);
  });

  it("runs every map after the source, one that makes labels too", async () => {
    const { rows: out } = await applyPipeline(
      pipeline({ source: "rows" }),
      await trained(pipeline({ source: "rows" })),
      rows("x"),
    );
    expect(out.has("label", "label")).toBe(true);
  });

  it("says what to run when there is no state", async () => {
    expect(await refusal(applyPipeline(pipeline(), openStore(temporaryFolder()), rows("x")))).toMatchObject({
      code: "not-trained",
      message: 'pipeline "test", as it is now, has no stored result of stage "model"',
      hint: "Run `seqloom run test` first.",
    });
  });

  it("does not use the state of other parameters or data", async () => {
    const store = await trained();
    expect((await refusal(applyPipeline(pipeline({ count: 12 }), store, rows("x")))).code).toBe("not-trained");
  });

  it("names the column that is missing, and those that there are", async () => {
    const store = await trained();
    const other = Dataset.of({ review: utf8(["x"]) });
    expect(await refusal(applyPipeline(pipeline(), store, other))).toMatchObject({
      code: "missing-column",
      message: 'stage "prepare" needs a column "text" of utf8; there are: review (utf8)',
      stage: "prepare",
    });
  });

  it("is refused by a pipeline that does not say how, or whose model is not reached", async () => {
    const store = await trained();
    const silent = { ...pipeline(), predict: null };
    expect((await refusal(applyPipeline(silent, store, rows("x")))).code).toBe("not-predictable");
    expect(await refusal(applyPipeline(pipeline({ source: "count" }), store, rows("x")))).toMatchObject({
      code: "not-predictable",
      message: 'stage "model" is not reached from "count": the way ends at "rows"',
    });
  });

  it("can be aborted", async () => {
    const predictor = await openPredictor(pipeline(), await trained());
    await expect(predictor.predict(rows("x"), AbortSignal.abort())).rejects.toThrow("aborted");
  });
});
