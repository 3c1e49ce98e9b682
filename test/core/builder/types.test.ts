import { dataset, defineEstimator, defineMap, defineStage, PipelineBuilder, value, withColumns } from "@seqloom/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";

/** What the type of a handle says that it carries. */
type Carried<H extends { readonly carries?: unknown }> = NonNullable<H["carries"]>;

const never = (): never => {
  throw new Error("these stages are never run");
};
const none = z.strictObject({});
const load = defineStage({
  id: "probe/load",
  version: 1,
  description: "A source whose columns depend on its parameters.",
  inputs: {},
  outputs: { data: dataset({}) },
  params: z.strictObject({ rows: z.number() }),
  inference: "source",
  run: never,
});
const reviews = defineStage({
  id: "probe/reviews",
  version: 1,
  description: "A source whose columns are known.",
  inputs: {},
  outputs: { data: dataset({ text: "utf8", label: "label" }) },
  params: z.strictObject({ rows: z.number().default(1) }),
  inference: "source",
  run: never,
});
const tokenize = defineMap({
  id: "probe/tokenize",
  version: 1,
  description: "text → tokens",
  input: dataset({ text: "utf8" }),
  output: dataset({ tokens: "tokens" }),
  params: none,
  apply: never,
});
const encode = defineEstimator({
  id: "probe/encode",
  version: 1,
  description: "tokens → ids",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ ids: "ids" }),
  state: "vocabulary",
  params: none,
  fit: never,
  apply: never,
});
const pad = defineMap({
  id: "probe/pad",
  version: 1,
  description: "ids → padded ids",
  input: dataset({ ids: "ids" }),
  output: dataset({ ids: "padded" }),
  params: z.strictObject({ length: z.number() }),
  apply: never,
});
const train = defineEstimator({
  id: "probe/train",
  version: 1,
  description: "one of two inputs → prediction",
  input: dataset({ label: "label" }, { oneOf: [{ ids: "padded" }, { series: "series" }] }),
  output: dataset({ prediction: "label" }),
  state: "model",
  params: none,
  fit: never,
  apply: never,
});
const predict = defineStage({
  id: "probe/predict",
  version: 1,
  description: "model and rows → prediction",
  inputs: { model: value("model"), data: dataset({ ids: "padded" }) },
  outputs: { data: dataset({ prediction: "label" }) },
  keepsColumns: true,
  params: none,
  run: never,
});
const evaluate = defineStage({
  id: "probe/evaluate",
  version: 1,
  description: "prediction → metrics",
  inputs: { data: dataset({ label: "label", prediction: "label" }) },
  outputs: { metrics: value("metrics") },
  params: none,
  run: never,
});

function chain() {
  const p = new PipelineBuilder({ name: "types" });
  const rows = p.stage("rows", reviews);
  const tokens = p.stage("tokens", tokenize, { in: rows });
  const ids = p.stage("ids", encode, { in: tokens });
  const padded = p.stage("padded", pad, { in: ids, with: { length: 5 } });
  return { p, rows, tokens, ids, padded };
}

describe("the types of the builder", () => {
  it("let a chain that fits compile, and carry its columns along", () => {
    const { p, padded } = chain();
    const model = p.stage("model", train, { in: padded });
    const again = p.stage("again", predict, { in: { model: model.ports.state, data: padded } });
    const scores = p.stage("scores", evaluate, { in: again });
    expectTypeOf<Carried<typeof model.ports.state>["artifact"]>().toEqualTypeOf<"model">();
    expectTypeOf<Carried<typeof padded.ports.data>["columns"]["ids"]>().toEqualTypeOf<"padded">();
    expectTypeOf<Carried<typeof padded.ports.data>["columns"]["label"]>().toEqualTypeOf<"label">();
    expect(scores.port).toBe("metrics");
  });

  it("refuse tokenize → pad without encode", () => {
    const { p, tokens } = chain();
    // @ts-expect-error TS2322 `ids` is missing: encode gives it
    p.stage("wrong", pad, { in: tokens, with: { length: 5 } });
  });

  it("refuse a column of the wrong type, and a model fed with none of its inputs", () => {
    const { p, tokens, ids } = chain();
    // @ts-expect-error TS2322 ids of any length where padded ones are needed
    p.stage("ragged", train, { in: ids });
    // @ts-expect-error TS2322 neither ids nor series
    p.stage("neither", train, { in: tokens });
  });

  it("refuse a prediction that was never made, and an artifact of another type", () => {
    const { p, padded } = chain();
    // @ts-expect-error TS2322 no column `prediction`
    p.stage("early", evaluate, { in: padded });
    const model = p.stage("model", train, { in: padded });
    // @ts-expect-error TS2322 a model is not a dataset
    p.stage("confused", evaluate, { in: model.ports.state });
  });

  it("refuse an input where there is none, and parameters that are missing or unknown", () => {
    const { p, rows, ids } = chain();
    // @ts-expect-error TS2322 a source takes no input
    p.stage("fed", reviews, { in: rows });
    // @ts-expect-error TS2345 `length` has no default
    p.stage("bare", pad, { in: ids });
    // @ts-expect-error TS2353 there is no `lenght`
    p.stage("typo", pad, { in: ids, with: { length: 5, lenght: 6 } });
  });

  it("follow renamed columns, and the columns that a loader is said to give", () => {
    const p = new PipelineBuilder({ name: "types" });
    const rows = withColumns(p.stage("rows", load, { with: { rows: 3 } }), { review: "utf8", label: "label" });
    const tokens = p.stage("tokens", tokenize, { in: rows, columns: { text: "review", tokens: "words" } });
    expectTypeOf<Carried<typeof tokens.ports.data>["columns"]["words"]>().toEqualTypeOf<"tokens">();
    p.stage("ids", encode, { in: tokens, columns: { tokens: "words" } });
    // @ts-expect-error TS2322 the column is `review`, not `text`
    p.stage("unnamed", tokenize, { in: rows });
    // @ts-expect-error TS2322 the column is `words`, not `tokens`
    p.stage("unnamed ids", encode, { in: tokens });
  });

  it("refuse a name that is taken when the program runs", () => {
    const { p, rows } = chain();
    expect(() => p.stage("tokens", tokenize, { in: rows })).toThrow(/has a stage "tokens" already/);
  });
});
