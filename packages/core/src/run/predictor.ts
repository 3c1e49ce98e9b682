/** @file Prediction: the stages between the source and the model once more, in `apply` mode, with the states that a run left. */
import type { Dataset } from "../dataset/dataset.js";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Pipeline, PredictSpec, StageNode } from "../pipeline/pipeline.js";
import type { PlanNode } from "../plan/plan.js";
import { DEFAULT_DEVICE, Planner } from "../plan/planner.js";
import type { StageContext } from "../stages/context.js";
import { applyStage, executeStage } from "../stages/execute.js";
import type { AnyStage } from "../stages/stage.js";
import type { Store } from "../store/store.js";
import { readArtifact } from "./artifact-files.js";
import { loadStage } from "./load.js";
import { contextOf } from "./perform.js";
import { mirrorFolders, resolveFilesOf, taskInput } from "./stage-runner.js";

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
  const way = wayTo(pipeline, predict);
  const planned = await planStates(pipeline, store, way, options);
  const steps: Step[] = [];
  for (const node of predict.prepare) steps.push(await openStep(node, pipeline, store, new Map(), options));
  for (const node of way) steps.push(await openStep(node, pipeline, store, planned, options));
  return {
    stages: steps.map(({ node }) => node.name),
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
function wayTo(pipeline: Pipeline, { source, model }: PredictSpec): StageNode[] {
  const way: StageNode[] = [];
  let name = model;
  while (name !== source) {
    const node = pipeline.nodes.find((candidate) => candidate.name === name);
    const before = node?.inputs.data?.stage;
    if (node === undefined || before === undefined) {
      throw fail("not-predictable", `stage "${model}" is not reached from "${source}": the way ends at "${name}"`, {
        hint: "Name in `predict:` a source from which a line of stages, from `data` to `data`, leads to the model.",
        stage: name,
        ...(node?.at != null && { at: node.at }),
      });
    }
    way.unshift(node);
    name = before;
  }
  return way;
}

/** Plans the pipeline up to the model: the states that prediction needs are those of the keys of now, or none. */
async function planStates(
  pipeline: Pipeline,
  store: Store,
  way: readonly StageNode[],
  options: PredictorOptions,
): Promise<ReadonlyMap<string, PlanNode>> {
  const planner = new Planner(pipeline, store, options);
  const planned = new Map<string, PlanNode>();
  const outputsOf = (stage: string) => {
    const before = planned.get(stage);
    return before?.status === "hit" ? before.entry.outputs : undefined;
  };
  for (const node of pipeline.nodes) planned.set(node.name, await planner.assess(node, outputsOf));
  planner.finish();
  const needed = new Set<string>();
  for (const node of way) {
    if (node.stage.kind === "estimator") needed.add(node.name);
    if (node.stage.kind === "stage" && node.stage.inference === "run") {
      for (const [port, { stage }] of Object.entries(node.inputs)) if (port !== "data") needed.add(stage);
    }
  }
  const missing = [...needed].filter((name) => planned.get(name)?.status !== "hit");
  if (missing.length > 0) throw notTrained(pipeline, missing);
  return planned;
}

function notTrained(pipeline: Pipeline, missing: readonly string[]): DiagnosticError {
  const stages = missing.map((name) => `"${name}"`).join(", ");
  return fail(
    "not-trained",
    `pipeline "${pipeline.name}", as it is now, has no stored result of ${missing.length === 1 ? "stage" : "stages"} ${stages}`,
    { hint: `Run \`seqloom run ${pipeline.file ?? pipeline.name}\` first.` },
  );
}

async function openStep(
  node: StageNode,
  pipeline: Pipeline,
  store: Store,
  planned: ReadonlyMap<string, PlanNode>,
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
  const stored = async (stage: string, port: string): Promise<unknown> => {
    const found = planned.get(stage);
    if (found?.status !== "hit") throw notTrained(pipeline, [stage]);
    return readArtifact(taskInput(store, found.entry.outputs[port]));
  };
  const state = definition.kind === "estimator" ? await stored(node.name, "state") : null;
  const others: Record<string, unknown> = {};
  if (definition.kind === "stage" && !skip) {
    for (const [port, from] of Object.entries(node.inputs)) {
      if (port !== "data") others[port] = await stored(from.stage, from.port);
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
