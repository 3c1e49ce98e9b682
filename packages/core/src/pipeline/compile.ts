/**
 * @file From a pipeline as it was written to the frozen form that the engine runs. Every problem is collected; nothing
 * stops at the first. Order: stages one by one (use, parameters), then the graph (inputs, cycles), then what travels on
 * the edges, then prediction.
 */
import type { Columns } from "../dataset/columns.js";
import { didYouMean } from "../diagnostics/closest.js";
import type { Registry } from "../registry/registry.js";
import { checkInputs } from "./check-inputs.js";
import { nameProblems } from "./check-names.js";
import { CompileMemo, type Wiring } from "./compile-memo.js";
import { defaultPort, inputPorts, outputPorts, resolveOutputs, UNKNOWN } from "./describe-ports.js";
import { frozen } from "./frozen.js";
import { type LoadedStage, loadStage, nodeOf } from "./load-stage.js";
import { topologicalOrder } from "./order.js";
import type { Pipeline, PortReference, PredictSpec, ResolvedPort, StageNode } from "./pipeline.js";
import { resolvePredict } from "./predict-spec.js";
import type { Locate, PipelineSpec, Problem, SpecPath, StageSpec } from "./spec.js";

/** The result of compiling: the pipeline, or what is wrong with it. */
export type Compiled =
  | { readonly pipeline: Pipeline; readonly problems: readonly [] }
  | { readonly pipeline: null; readonly problems: readonly Problem[] };

/**
 * Checks and resolves a pipeline. Loads the code of the stages that it uses, to read their schemas; runs nothing.
 * @param memo what compiling pipelines that share stages with this one has found already
 */
export async function compile(
  spec: PipelineSpec,
  registry: Registry,
  locate: Locate,
  memo = new CompileMemo(),
): Promise<Compiled> {
  const problems: Problem[] = memo.named ? [] : nameProblems(spec);
  memo.named = problems.length === 0;
  const loaded = new Map<string, LoadedStage>();
  for (const stage of spec.stages) {
    const known = memo.loaded(stage);
    const one = known ?? (await loadStage(stage, registry, ["stages", stage.name], problems, memo.parse));
    if (one === undefined) continue;
    loaded.set(stage.name, one);
    if (known === undefined && problems.length === 0) memo.keepLoaded(stage, one);
  }
  if (spec.stages.length === 0) {
    const hint = "Add a stage, such as `reviews: { use: data/load-csv, with: … }`.";
    problems.push({ code: "no-stages", message: "the pipeline has no stages", hint, path: ["stages"], part: "key" });
  }

  const shape = memo.shape(spec, loaded);
  const before = memo.wiring(shape);
  const wiring = before ?? wireAll(spec, loaded, problems);
  if (before === undefined && problems.length === 0) memo.keepWiring(shape, wiring);
  const { inputs, order } = wiring;

  const outputs = new Map<string, Readonly<Record<string, ResolvedPort>>>();
  const nodes: StageNode[] = [];
  for (const name of order) {
    const one = loaded.get(name);
    if (one === undefined) continue;
    const wired = inputs.get(name) ?? {};
    const fed = memo.fed(wired, outputs);
    const known = memo.node(one, spec.seed, fed);
    if (known !== undefined) {
      outputs.set(name, known.ports);
      nodes.push(known.node);
      continue;
    }
    let resolved = memo.carried(one, wired, fed);
    if (resolved === undefined) {
      checkInputs(one, wired, outputs, loaded, registry, problems);
      const isFed = Object.keys(one.spec.inputs).length === Object.keys(wired).length;
      const data = isFed ? columnsOf(wired.data ?? Object.values(wired)[0], outputs) : UNKNOWN;
      resolved = memo.shared(resolveOutputs(one.stage, one.params, data, one.spec.columns));
      if (problems.length === 0) memo.keepCarried(one, wired, fed, resolved);
    }
    const node = nodeOf(one, wired, resolved, memo.seedOf(spec.seed, name), memo.placeOf(name, locate));
    if (problems.length === 0) memo.keepNode(one, spec.seed, fed, { node, ports: resolved });
    outputs.set(name, resolved);
    nodes.push(node);
  }
  const load = (stage: StageSpec, path: SpecPath) => loadStage(stage, registry, path, problems);
  const known = memo.prediction(spec, outputs);
  const predict = known === undefined ? frozen(await resolvePredict(spec, nodes, registry, problems, load)) : known;
  if (problems.length > 0) return { pipeline: null, problems };
  if (known === undefined) memo.keepPrediction(spec, outputs, predict);
  return { pipeline: pipelineOf(spec, nodes, predict), problems: [] };
}

function pipelineOf(
  { name, seed, params, matrix, file, directory }: PipelineSpec,
  nodes: readonly StageNode[],
  predict: PredictSpec | null,
): Pipeline {
  const fixed = { format: 1, name, seed: frozen(seed), params: frozen(params), file, directory } as const;
  const own = { ...fixed, nodes: Object.freeze(nodes), predict };
  return Object.freeze(matrix === undefined ? own : { ...own, matrix: frozen(matrix) });
}

/** Resolves `in:` of all stages, and what follows from it: their order. */
function wireAll(spec: PipelineSpec, loaded: ReadonlyMap<string, LoadedStage>, problems: Problem[]): Wiring {
  const inputs = new Map(spec.stages.map((stage) => [stage.name, wire(stage, spec, loaded, problems)]));
  const dependents = spec.stages.map(({ name }) => ({
    name,
    needs: Object.values(inputs.get(name) ?? {}).map((reference) => reference.stage),
  }));
  const { order, cycles } = topologicalOrder(dependents);
  for (const cycle of cycles) problems.push(cycleProblem(cycle));
  return { inputs: new Map([...inputs].map(([name, wired]) => [name, frozen(wired)])), order };
}

/** Resolves `in:` of one stage to output ports of others. */
function wire(
  spec: StageSpec,
  whole: PipelineSpec,
  loaded: ReadonlyMap<string, LoadedStage>,
  problems: Problem[],
): Record<string, PortReference> {
  const own = loaded.get(spec.name);
  const wired: Record<string, PortReference> = {};
  for (const [port, text] of Object.entries(spec.inputs)) {
    const path = port === "" ? ["stages", spec.name, "in"] : ["stages", spec.name, "in", port];
    const report = (code: string, message: string, hint: string, part: "key" | "value" = "value"): void => {
      problems.push({ code, message, hint, path, part, stage: spec.name });
    };
    const dot = text.indexOf(".");
    const source = dot < 0 ? text : text.slice(0, dot);
    const names = whole.stages.map((stage) => stage.name);
    const target = own === undefined ? port : targetPort(own, port, report);
    if (!names.includes(source)) {
      report(
        "unknown-input",
        `there is no stage named "${source}" in this pipeline`,
        didYouMean(source, names, "stage"),
      );
      continue;
    }
    if (target === undefined) continue;
    const producer = loaded.get(source);
    // A producer with problems of its own is reported there; its ports are not known, so nothing more can be said here.
    const sourcePorts = producer === undefined ? null : outputPorts(producer.stage, producer.params);
    const sourcePort = dot < 0 ? (sourcePorts === null ? "data" : defaultPort(sourcePorts)!) : text.slice(dot + 1);
    if (sourcePorts !== null && !Object.hasOwn(sourcePorts, sourcePort)) {
      const hint = didYouMean(sourcePort, Object.keys(sourcePorts), "port");
      report("unknown-port", `${source} (${producer!.spec.use}) has no output port "${sourcePort}"`, hint);
      continue;
    }
    wired[target] = { stage: source, port: sourcePort };
  }
  return wired;
}

function targetPort(
  own: LoadedStage,
  port: string,
  report: (code: string, message: string, hint: string, part?: "key" | "value") => void,
): string | undefined {
  const ports = inputPorts(own.stage);
  const names = Object.keys(ports);
  if (names.length === 0) {
    report("no-inputs", `${own.spec.use} takes no input`, "Remove `in:`.", "key");
    return undefined;
  }
  if (port === "") return defaultPort(ports);
  if (Object.hasOwn(ports, port)) return port;
  report("unknown-port", `${own.spec.use} has no input port "${port}"`, didYouMean(port, names, "port"), "key");
  return undefined;
}

function cycleProblem(cycle: readonly string[]): Problem {
  const related = cycle.slice(1, -1).map((name) => ({
    message: `${name} is on the cycle`,
    path: ["stages", name, "in"],
    part: "value" as const,
  }));
  return {
    code: "cycle",
    message: `the stages need each other: ${[...cycle].reverse().join(" → ")}`,
    hint: "A stage can only use what comes before it: let one of them take its input from elsewhere.",
    path: ["stages", cycle[0], "in"],
    part: "value",
    stage: cycle[0],
    related,
  };
}

function columnsOf(
  reference: PortReference | undefined,
  outputs: ReadonlyMap<string, Readonly<Record<string, ResolvedPort>>>,
): Columns | typeof UNKNOWN | null {
  return reference === undefined ? null : (outputs.get(reference.stage)?.[reference.port]?.columns ?? UNKNOWN);
}
