/** @file Prediction: the stages between the source and the model once more, in `apply` mode, with the states that a run left. */
import { statSync } from "node:fs";
import type { Dataset } from "../dataset/dataset.js";
import { fail } from "../diagnostics/diagnostic.js";
import type { Pipeline, PredictSpec, StageNode } from "../pipeline/pipeline.js";
import { wayTo } from "../pipeline/way.js";
import { DEFAULT_DEVICE } from "../plan/planner.js";
import type { ResolvedFile, StageContext } from "../stages/context.js";
import { applyStage, executeStage } from "../stages/execute.js";
import type { AnyStage } from "../stages/stage.js";
import type { Store } from "../store/store.js";
import { loadStage } from "./load.js";
import { contextOf } from "./perform.js";
import { mirrorFolders, resolveFilesOf } from "./stage-runner.js";
import { openStored, type StoredResults } from "./stored.js";

/** How to predict. */
export interface PredictorOptions {
  readonly device?: string | undefined;
  readonly mirrors?: readonly string[] | undefined;
  /** Definitions of the stages that no module exports, by name of the stage. */
  readonly definitions?: ReadonlyMap<string, AnyStage> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a prediction gives. */
export interface Prediction {
  /** The input rows, with every column that the stages on the way added: `prediction`, `probabilities`. */
  readonly rows: Dataset;
}

/** Loaded stages and states, to predict with again and again. */
export interface Predictor {
  /** The names of the stages that rows go through, in order. */
  readonly stages: readonly string[];
  /** The rows of files, as the source of the pipeline reads them. */
  read(paths: readonly string[], signal?: AbortSignal): Promise<Dataset>;
  predict(rows: Dataset, signal?: AbortSignal): Promise<Prediction>;
}

/**
 * Loads what a prediction needs: the definitions of the stages on the way, and their states from the store.
 * @throws DiagnosticError `not-predictable` when the pipeline says nothing of prediction or the model is not reached from
 *   the source; `not-trained` when a state is not in the store for the pipeline as it is now.
 */
export async function openPredictor(
  pipeline: Pipeline,
  store: Store,
  options: PredictorOptions = {},
): Promise<Predictor> {
  const { predict } = pipeline;
  if (predict === null) {
    throw fail("not-predictable", `pipeline "${pipeline.name}" does not say how to predict`, {
      hint: "Add `predict:` with the source that the input takes the place of and the model.",
    });
  }
  const way = wayFrom(pipeline, predict);
  const results = await openStored(pipeline, store, neededBy(way), options);
  const steps: Step[] = [];
  for (const node of [...predict.prepare, ...way]) steps.push(await openStep(node, pipeline, store, results, options));
  return {
    stages: steps.map(({ node }) => node.name),
    read: (paths, signal = new AbortController().signal) => readFiles(pipeline, predict, paths, options, signal),
    predict: async (rows, signal = new AbortController().signal) => {
      let current = rows;
      for (const step of steps) {
        signal.throwIfAborted();
        checkColumns(step, current);
        current = await step.apply(current, signal);
      }
      return { rows: current };
    },
  };
}

async function readFiles(
  pipeline: Pipeline,
  { source }: PredictSpec,
  paths: readonly string[],
  options: PredictorOptions,
  signal: AbortSignal,
): Promise<Dataset> {
  const node = pipeline.nodes.find(({ name }) => name === source) as StageNode;
  const definition =
    options.definitions?.get(source) ?? (await loadStage(node.stage.module as NonNullable<typeof node.stage.module>));
  const reader = definition.kind === "stage" ? definition.fromFiles : undefined;
  if (reader === undefined) {
    throw fail("not-predictable", `stage "${source}" (${node.stage.id}) reads no files at prediction time`, {
      hint: "Give the input as text.",
    });
  }
  const files = paths.map((path): ResolvedFile => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile()) {
      throw fail("input-file", `"${path}" ${stats === undefined ? "is not there" : "is no file"}`, {
        hint: "Give the path of a file, from the folder that you are in.",
      });
    }
    return { path, name: path, digest: "" };
  });
  const context = contextOf(
    { stage: source, seed: node.seed, files: { files }, device: options.device ?? DEFAULT_DEVICE },
    () => {},
    signal,
  );
  const rows = await reader.read(files, node.params as never, context);
  return rows.renamed(new Map(Object.entries(node.columns)));
}

/** Predicts once: {@link openPredictor}, then `predict`. */
export async function applyPipeline(
  pipeline: Pipeline,
  store: Store,
  inputRows: Dataset,
  options: PredictorOptions = {},
): Promise<Prediction> {
  const predictor = await openPredictor(pipeline, store, options);
  return predictor.predict(inputRows, options.signal);
}

interface Step {
  readonly node: StageNode;
  readonly definition: AnyStage;
  readonly apply: (rows: Dataset, signal: AbortSignal) => Promise<Dataset>;
}

/** The nodes after the source, up to the model, along the ports named `data`. */
function wayFrom(pipeline: Pipeline, { source, model, unused = [] }: PredictSpec): StageNode[] {
  const way = wayTo(model, pipeline.nodes);
  const start = way.findIndex(({ name }) => name === source);
  if (start >= 0) return way.slice(start + 1).filter(({ name }) => !unused.includes(name));
  const [end] = way;
  throw fail("not-predictable", `stage "${model}" is not reached from "${source}": the way ends at "${end?.name}"`, {
    hint: "Name in `predict:` a source from which a line of stages, from `data` to `data`, leads to the model.",
    ...(end !== undefined && { stage: end.name, ...(end.at !== null && { at: end.at }) }),
  });
}

/** The stages whose results prediction needs: those that learned from rows, and those that other ports are fed by. */
function neededBy(way: readonly StageNode[]): string[] {
  return way.flatMap(({ name, stage, inputs }) => {
    if (stage.kind === "estimator") return [name];
    if (stage.kind !== "stage" || stage.inference !== "run") return [];
    return Object.entries(inputs).flatMap(([port, from]) => (port === "data" ? [] : [from.stage]));
  });
}

async function openStep(
  node: StageNode,
  pipeline: Pipeline,
  store: Store,
  results: StoredResults,
  options: PredictorOptions,
): Promise<Step> {
  const given = options.definitions?.get(node.name);
  if (given === undefined && node.stage.module === null) {
    throw new Error(`stage "${node.name}" has no module, and its definition was not given`);
  }
  const definition = given ?? (await loadStage(node.stage.module as NonNullable<typeof node.stage.module>));
  const skip = definition.kind === "stage" && definition.inference === "skip";
  const signal = options.signal ?? new AbortController().signal;
  const mirrors = options.mirrors ?? mirrorFolders();
  const files = skip ? {} : await resolveFilesOf(node, pipeline, store, { mirrors, signal });
  const state = definition.kind === "estimator" ? await results.read(node.name, "state") : null;
  const others: Record<string, unknown> = {};
  if (definition.kind === "stage" && !skip) {
    for (const [port, from] of Object.entries(node.inputs)) {
      if (port !== "data") others[port] = await results.read(from.stage, from.port);
    }
  }
  const device = options.device ?? DEFAULT_DEVICE;
  // Nobody listens: a prediction is over before anything could be told.
  const contextFor = (own: AbortSignal): StageContext =>
    contextOf({ stage: node.name, seed: node.seed, files, device }, () => {}, own);
  return {
    node,
    definition,
    apply: async (rows, own) => {
      if (skip) return rows;
      const context = contextFor(own);
      if (definition.kind === "stage" && Object.keys(others).length > 0) {
        const outputs = await executeStage(definition, { data: rows, ...others }, node.params, context, node.columns);
        return outputs.data as Dataset;
      }
      return applyStage(definition, rows, state, node.params, context, node.columns);
    },
  };
}

/** Columns that only training needs may be missing; the others are named, so that no stage fails inside. */
function checkColumns({ node, definition }: Step, rows: Dataset): void {
  if (definition.kind === "stage") return;
  const fitOnly = definition.kind === "estimator" ? (definition.fitOnly ?? []) : [];
  for (const [own, type] of Object.entries(definition.input.columns)) {
    const name = Object.hasOwn(node.columns, own) ? node.columns[own] : own;
    if (fitOnly.includes(own) || rows.has(name, type)) continue;
    const found = [...rows.columns].map(([column, { type: is }]) => `${column} (${is})`).join(", ") || "none";
    throw fail("missing-column", `stage "${node.name}" needs a column "${name}" of ${type}; there are: ${found}`, {
      hint: "Give it with the input, or add a stage to `predict.prepare` that makes it.",
      stage: node.name,
      ...(node.at !== null && { at: node.at }),
    });
  }
}
