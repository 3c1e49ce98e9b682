import {
  type AnyStage,
  dataset,
  defineEstimator,
  defineMap,
  defineStage,
  type Registry,
  utf8,
  value,
} from "@seqloom/core";
import { manualCode, stageInfo } from "@seqloom/core/registry-tools";
import { z } from "zod";

// What the types of the stages below are made of: declarations can name only what is in reach.
export type { DatasetPort, EstimatorDefinition, MapDefinition, StageDefinition } from "@seqloom/core";

/** A registry of stages that live in memory: for tests of compiling, which never run them. */
export function registryOf(stages: readonly AnyStage[]): Registry {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  return {
    ids: [...byId.keys()].sort(),
    entry: (id) => {
      const stage = byId.get(id);
      if (stage === undefined) return undefined;
      const inputs = stage.kind === "stage" ? stage.inputs : { data: stage.input };
      const outputs =
        stage.kind === "stage"
          ? stage.outputs
          : { data: stage.output, ...(stage.kind === "estimator" ? { state: value(stage.state) } : {}) };
      return { info: stageInfo(stage, null, manualCode(stage)), inputs, outputs };
    },
    load: async (id) => byId.get(id)!,
  };
}

/** A source of one text column. */
export const source = defineStage({
  id: "probe/source",
  version: 1,
  description: "One text per row.",
  inputs: {},
  outputs: { data: dataset({ text: "utf8", label: "label" }) },
  params: z.strictObject({ rows: z.int().min(1).default(1) }),
  inference: "source",
  run: () => {
    throw new Error("never run");
  },
});

/** text → tokens, with an enumerated and a nested parameter. */
export const words = defineMap({
  id: "probe/words",
  version: 1,
  description: "text → tokens",
  input: dataset({ text: "utf8" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    kind: z.enum(["words", "letters"]).default("words"),
    keep: z
      .array(z.union([z.string(), z.strictObject({ word: z.string(), weight: z.number().default(1) })]))
      .default([]),
  }),
  check: ({ keep }) =>
    keep.flatMap((item, i) => (item === "" ? [{ path: ["keep", i], message: "a word cannot be empty" }] : [])),
  apply: (batch) => batch.with({ text: utf8([...batch.column("text").values]) }),
});

/** tokens → ids. */
export const encode = defineEstimator({
  id: "probe/encode",
  version: 1,
  description: "tokens → ids",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ ids: "ids" }),
  state: "vocabulary",
  params: z.strictObject({}),
  fit: () => ({ tokens: [], counts: [], pad: null, unknown: null }),
  apply: (batch) => batch,
});

/** ids → padded ids. */
export const pad = defineMap({
  id: "probe/pad",
  version: 1,
  description: "ids → padded",
  input: dataset({ ids: "ids" }),
  output: dataset({ ids: "padded" }),
  params: z.strictObject({ length: z.int().min(1) }),
  apply: (batch) => batch,
});

/** A model, so that prediction can be resolved. */
export const model = defineEstimator({
  id: "probe/model",
  version: 1,
  description: "padded ids → prediction",
  input: dataset({ label: "label" }, { oneOf: [{ ids: "padded" }, { series: "series" }] }),
  output: dataset({ prediction: "label" }),
  state: "model",
  fitOnly: ["label"],
  params: z.strictObject({}),
  fit: () => ({ config: {}, weights: new Map() }),
  apply: (batch) => batch,
});

/** All of them. */
export const probes: readonly AnyStage[] = [source, words, encode, pad, model];
