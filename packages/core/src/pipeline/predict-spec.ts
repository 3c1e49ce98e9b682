import type { Columns } from "../dataset/columns.js";
import { didYouMean } from "../diagnostics/closest.js";
import type { Registry } from "../registry/registry.js";
import { inputPorts, isDataset, renamedColumns, resolveOutputs } from "./describe-ports.js";
import { frozen } from "./frozen.js";
import { type LoadedStage, nodeOf, seedOf } from "./load-stage.js";
import type { PredictSpec, StageNode } from "./pipeline.js";
import type { PipelineSpec, Problem, SpecPath, StageSpec } from "./spec.js";
import { answererOf, modelPort, takesModel, wayTo } from "./way.js";

const NO_INPUTS = Object.freeze({});

/** What a person types in: one column. */
const TYPED: Columns = { text: "utf8" };

/**
 * Resolves how the user's input reaches the model: from the `predict:` part of the file, or, without one, from the source
 * of the last model when that gives a `text` column.
 */
export async function resolvePredict(
  spec: PipelineSpec,
  nodes: readonly StageNode[],
  registry: Registry,
  problems: Problem[],
  load: (stage: StageSpec, path: SpecPath) => Promise<LoadedStage | undefined>,
): Promise<PredictSpec | null> {
  const written = spec.predict;
  // Where a stage has problems of its own, what follows from its absence is no second mistake.
  const isBroken = (name: string | undefined): boolean =>
    spec.stages.some((stage) => stage.name === name) && !nodes.some((node) => node.name === name);
  if (isBroken(written?.model) || isBroken(written?.source)) return null;
  const learners = nodes.filter((node) => node.outputs.state?.artifact === "model");
  const models = nodes.filter((node) => modelPort(node) !== undefined || takesModel(node, nodes));
  const names = models.map((node) => node.name);
  // What a file names may also be a stage that answers rows otherwise than by a model.
  const answering = nodes.filter((node) => answers(node) || answererOf(node, nodes) === node).map(({ name }) => name);
  const name =
    named(written?.model, [...new Set([...names, ...answering])], "model", problems) ??
    (learners.at(-1) ?? models.at(-1))?.name;
  const meant = nodes.find((node) => node.name === name);
  // A model that was not learned here is applied by a stage that takes it.
  const applier = meant === undefined ? undefined : (answererOf(meant, nodes) ?? (answers(meant) ? meant : undefined));
  const model = applier?.name;
  if (meant !== undefined && model === undefined) {
    if (written !== null) problems.push(notApplied(meant));
    return null;
  }
  if (model === undefined) {
    if (written !== null && written.model === undefined) {
      const hint = "Add a stage such as models/train, or remove `predict:`.";
      problems.push({
        code: "no-model",
        message: "there is no model to predict with",
        hint,
        path: ["predict"],
        part: "key",
      });
    }
    return null;
  }
  const path = wayTo(model, nodes);
  const first = spec.stages.find((stage) => stage.name === path[0].name);
  if (first === undefined || Object.keys(first.inputs).length > Object.keys(path[0].inputs).length) return null;
  if (Object.values(path[0].inputs).some(({ stage }) => isBroken(stage))) return null;
  const source =
    named(
      written?.source,
      path.map((node) => node.name),
      "source",
      problems,
    ) ?? path[0]?.name;
  const start = nodes.find((node) => node.name === source);
  if (start === undefined) return null;

  const prepare: StageNode[] = [];
  const definition = await registry.load(start.stage.id);
  const reader = definition.kind === "stage" ? definition.fromFiles : undefined;
  const input = reader === undefined ? "text" : "files";
  let columns = reader === undefined ? TYPED : renamedColumns(reader.columns, start.columns);
  for (const [i, step] of (written?.prepare ?? []).entries()) {
    const at: SpecPath = ["predict", "prepare", i];
    const one = await load({ ...step, name: `prepare ${i + 1}`, inputs: {} }, at);
    if (one === undefined) return null;
    if (one.stage.kind !== "map") {
      const message = `${step.use} cannot prepare input: it does not work row by row`;
      problems.push({
        code: "not-a-map",
        message,
        hint: "Use maps, such as text/normalise or text/tokenize.",
        path: [...at, "use"],
        part: "value",
      });
      return null;
    }
    const needed = Object.entries(renamedColumns(one.stage.input.columns, one.spec.columns));
    const missing = needed
      .filter(([name, type]) => columns[name] !== type)
      .map(([name, type]) => `\`${name}\` (${type})`);
    if (missing.length > 0) {
      const message = `${step.use} needs ${missing.join(", ")}; up to here there is ${Object.keys(columns).join(", ")}`;
      problems.push({ code: "missing-column", message, path: at, part: "value" });
      return null;
    }
    const outputs = frozen(resolveOutputs(one.stage, one.params, columns, one.spec.columns));
    columns = outputs.data.columns ?? columns;
    prepare.push(nodeOf(one, NO_INPUTS, outputs, seedOf(spec.seed, one.spec.name), null));
  }
  const { lacking, unused } = walk(path.slice(path.indexOf(start) + 1), columns, await stagesOf(path, registry));
  if (lacking === null) return { source: start.name, input, prepare, unused, model };
  if (written !== null) {
    const given = input === "text" ? "typed text" : "a file";
    const message = `${given} cannot reach ${model}: ${lacking}`;
    const hint = `List maps under \`predict.prepare\` that turn ${Object.keys(columns)
      .map((name) => `\`${name}\``)
      .join(", ")} into what the source gives.`;
    problems.push({ code: "predict-columns", message, hint, path: ["predict"], part: "key" });
  }
  return null;
}

/** Whether a stage turns rows into rows with something else beside them, such as word vectors. */
function answers(node: StageNode): boolean {
  const { data, ...others } = node.inputs;
  return data !== undefined && Object.keys(others).length > 0 && node.outputs.data?.artifact === "dataset";
}

function notApplied(node: StageNode): Problem {
  return {
    code: "no-model",
    message: `no stage sends rows through the model of "${node.name}"`,
    hint: `Add one: \`{ use: models/predict, in: { model: ${node.name}.${modelPort(node)}, data: … } }\`.`,
    path: ["predict"],
    part: "key",
  };
}

function named(
  name: string | undefined,
  candidates: readonly string[],
  what: "model" | "source",
  problems: Problem[],
): string | undefined {
  if (name === undefined || candidates.includes(name)) return name;
  const message =
    what === "model" ? `"${name}" is not a model of this pipeline` : `the model does not get its data from "${name}"`;
  const hint = didYouMean(name, candidates, "stage");
  problems.push({ code: "predict-stage", message, hint, path: ["predict", what], part: "value" });
  return undefined;
}

async function stagesOf(path: readonly StageNode[], registry: Registry): Promise<Map<string, LoadedStage["stage"]>> {
  const stages = await Promise.all(path.map(async (node) => [node.name, await registry.load(node.stage.id)] as const));
  return new Map(stages);
}

interface Walk {
  /** The first column that a stage on the way would miss, in words; null when none is missing. */
  readonly lacking: string | null;
  /** The maps that cannot work without what only training has, and need not: the model does without what they make. */
  readonly unused: readonly string[];
}

/** Goes the way of the rows, column by column. */
function walk(path: readonly StageNode[], start: Columns, stages: ReadonlyMap<string, LoadedStage["stage"]>): Walk {
  let columns = start;
  let first: string | null = null;
  const unused: string[] = [];
  for (const [place, node] of path.entries()) {
    const stage = stages.get(node.name)!;
    if (stage.kind === "stage" && stage.inference === "skip") continue;
    const lacking = lackingColumn(node, stage, columns);
    if (lacking === null) {
      columns = resolveOutputs(stage, node.params, columns, node.columns).data?.columns ?? columns;
      continue;
    }
    first ??= lacking;
    if (stage.kind !== "map" || place === path.length - 1) return { lacking: first, unused };
    unused.push(node.name);
  }
  return { lacking: null, unused };
}

function lackingColumn(node: StageNode, stage: LoadedStage["stage"], columns: Columns): string | null {
  const port = inputPorts(stage).data;
  if (port === undefined || !isDataset(port)) return `${node.name} (${node.stage.id}) has no input "data"`;
  const fitOnly = new Set(node.stage.fitOnly);
  const needed = (group: Columns): Columns =>
    Object.fromEntries(Object.entries(group).filter(([name]) => !fitOnly.has(name)));
  const renamed = renamedColumns(needed(port.columns), node.columns);
  for (const [name, type] of Object.entries(renamed)) {
    if (columns[name] !== type) return `${node.name} (${node.stage.id}) needs \`${name}\` (${type})`;
  }
  const groups = (port.oneOf ?? []).map((group) => renamedColumns(needed(group), node.columns));
  const fits = groups.some((group) => Object.entries(group).every(([name, type]) => columns[name] === type));
  if (groups.length === 0 || fits) return null;
  return `${node.name} (${node.stage.id}) needs ${[...new Set(groups.map((group) => Object.keys(group).join(" and ")))].join(" or ")}`;
}
