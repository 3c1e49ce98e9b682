import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AnyStage,
  hashSeed,
  type Location,
  type Pipeline,
  type PortReference,
  type Ports,
  type PredictSpec,
  rootSeed,
  type StageInfo,
  type StageNode,
} from "@seqloom/core";
import { type PlanNode, planPipeline, type Reason, type Store } from "@seqloom/core/engine";
import { onTestFinished } from "vitest";

/** The stages of a fixture module, by name of their export. Loaded by a name that the compiler does not follow. */
export async function loadFixtures(url: URL): Promise<(name: string) => StageSource> {
  const exports = (await import(url.href)) as Readonly<Record<string, AnyStage>>;
  return (name) => ({ definition: exports[name], module: { url: url.href, name } });
}

/** A definition, and where a worker can import it; null for one that lives in the test only. */
export interface StageSource {
  readonly definition: AnyStage;
  readonly module: StageInfo["module"];
}

/** What a test says of a node beside its stage. */
export interface NodeOptions {
  readonly with?: Readonly<Record<string, unknown>>;
  /** Port → `stage` or `stage.port`; or only the source of `data`. */
  readonly in?: string | Readonly<Record<string, string>>;
  readonly columns?: Readonly<Record<string, string>>;
  readonly stage?: Partial<StageInfo>;
  readonly at?: Location;
  readonly seed?: number;
}

/** A node as the compiler would make it. */
export function node(name: string, { definition, module }: StageSource, options: NodeOptions = {}): StageNode {
  const params = definition.params.parse(options.with ?? {});
  const inputs = typeof options.in === "string" ? { data: options.in } : (options.in ?? {});
  const outputs = Object.entries(portsOf(definition)).map(([port, { artifact }]) => [
    port,
    { artifact, columns: null },
  ]);
  return {
    name,
    stage: { ...infoOf(definition, module), ...options.stage },
    params: params as StageNode["params"],
    inputs: Object.fromEntries(Object.entries(inputs).map(([port, from]) => [port, reference(from)])),
    outputs: Object.fromEntries(outputs),
    columns: options.columns ?? {},
    files: definition.files?.(params) ?? {},
    seed: hashSeed(rootSeed(options.seed ?? 1), name),
    at: options.at ?? null,
  };
}

/** A pipeline of nodes in topological order. */
export function pipelineOf(
  nodes: readonly StageNode[],
  more: { readonly name?: string; readonly directory?: string; readonly predict?: PredictSpec } = {},
): Pipeline {
  return {
    format: 1,
    name: more.name ?? "test",
    seed: 1,
    params: {},
    nodes,
    predict: more.predict ?? null,
    file: null,
    directory: more.directory ?? tmpdir(),
  };
}

/** A new folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-engine-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The plan of a pipeline by name of the stage, in words: `hit`, `unknown` or the kinds of the reasons to run. */
export async function planInWords(pipeline: Pipeline, store: Store): Promise<Record<string, string>> {
  const { nodes } = await planPipeline(pipeline, store);
  return Object.fromEntries(nodes.map((planned) => [planned.node.name, inWords(planned)]));
}

function inWords(planned: PlanNode): string {
  if (planned.status === "hit" || planned.status === "unknown") return planned.status;
  if (planned.status === "broken") return planned.diagnostics.map(({ code }) => code).join(" ");
  return kinds(planned.reasons);
}

/** The kinds of reasons, in order. */
export function kinds(reasons: readonly Reason[]): string {
  return reasons.map(({ kind }) => kind).join(" ");
}

function reference(text: string): PortReference {
  const [stage, port = "data"] = text.split(".");
  return { stage, port };
}

function portsOf(definition: AnyStage): Ports {
  if (definition.kind === "stage") return definition.outputs;
  if (definition.kind === "map") return { data: definition.output };
  const report: Ports = definition.describe === undefined ? {} : { report: { artifact: "metrics" } };
  return { data: definition.output, state: { artifact: definition.state }, ...report };
}

function infoOf(definition: AnyStage, module: StageInfo["module"]): StageInfo {
  return {
    id: definition.id,
    version: definition.version,
    kind: definition.kind,
    description: definition.description,
    module,
    code: { mode: "closure", hash: "0".repeat(64), hasher: "test/1", packages: [] },
    isolation: definition.isolation ?? "thread",
    seeded: definition.seeded ?? false,
    usesDevice: definition.usesDevice ?? false,
    usesUnicodeTables: definition.usesUnicodeTables ?? false,
    fileNamesMatter: definition.fileNamesMatter ?? false,
    cpu: definition.cpu ?? 1,
    resumable: definition.resumable ?? null,
    inference: (definition.kind === "stage" ? definition.inference : undefined) ?? "run",
    fitOnly: (definition.kind === "estimator" ? definition.fitOnly : undefined) ?? [],
    pieces: definition.kind === "stage" && definition.source !== undefined,
  };
}
