import type { Digest, Key } from "../brands.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { FileMemo } from "../files/memo.js";
import type { PlannedFile } from "../files/resolve.js";
import type { FileNames } from "../keys/explain.js";
import type { Reason } from "../keys/reason.js";
import { currentRuntime, type KeyRecord, keyOf, keyRecordOf, type Runtime } from "../keys/record.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import type { Entry } from "../store/entry.js";
import type { Lookup, Store } from "../store/store.js";
import type { Explainer } from "./explainer.js";
import type { Outputs, Plan, PlanNode, PlanOptions } from "./plan.js";
import { type Selected, select } from "./select.js";

/**
 * How far a stored result is looked into before it counts: its files are there with their sizes, or they were read and
 * compared with their digests.
 */
export type VerifyMode = "size" | "full";

/** How a planner looks at stored results. */
export interface PlannerOptions extends PlanOptions {
  /** Default `size`. */
  readonly verify?: VerifyMode | undefined;
  /** Digests of blobs whose bytes were compared with them. */
  readonly sound?: Set<string> | undefined;
}

/** The device that is meant when nobody chose one. */
export const DEFAULT_DEVICE = "simd";

/**
 * What a run of this pipeline would do now, and why. Reads the store and the data files, writes nothing but the memo of
 * file digests.
 * @throws DiagnosticError `unknown-target`, `selection-conflict`.
 */
export async function planPipeline(pipeline: Pipeline, store: Store, options: PlanOptions = {}): Promise<Plan> {
  const selected = select(pipeline, options);
  const planner = new Planner(pipeline, store, options, selected);
  const outputs = new Map<string, Outputs>();
  const nodes: PlanNode[] = [];
  for (const node of selected.nodes) {
    const planned = await planner.assess(node, (stage) => outputs.get(stage));
    if (planned.status === "hit") outputs.set(node.name, planned.entry.outputs);
    nodes.push(planned);
  }
  planner.finish();
  const savedMs = nodes.reduce((sum, planned) => sum + (planned.status === "hit" ? planned.entry.computeMs : 0), 0);
  return { pipeline: pipeline.name, nodes, savedMs };
}

/** Computes keys and looks them up, one stage at a time: all at once for a plan, as results come in for a run. */
export class Planner {
  readonly #pipeline: Pipeline;
  readonly #store: Store;
  readonly #options: PlannerOptions;
  readonly #selected: Selected;
  readonly #runtime: Runtime;
  #explainer: Explainer | undefined;
  #memo: FileMemo | undefined;

  constructor(pipeline: Pipeline, store: Store, options: PlannerOptions, selected = select(pipeline, options)) {
    this.#pipeline = pipeline;
    this.#store = store;
    this.#options = options;
    this.#selected = selected;
    this.#runtime = options.runtime ?? currentRuntime(options.device ?? DEFAULT_DEVICE);
  }

  /** What will become of a stage, given what the stages before it gave (undefined: not known yet). */
  async assess(node: StageNode, outputsOf: (stage: string) => Outputs | undefined): Promise<PlanNode> {
    const inputs = inputDigests(node, outputsOf);
    if (Array.isArray(inputs))
      return { status: "unknown", node, reasons: [{ kind: "upstream-unknown", stages: inputs }] };
    let files: Readonly<Record<string, readonly PlannedFile[]>>;
    try {
      files = await this.files(node);
    } catch (error) {
      if (error instanceof DiagnosticError) return { status: "broken", node, diagnostics: error.diagnostics };
      throw error;
    }
    const record = this.record(node, inputs as Readonly<Record<string, Digest>>, files);
    const key = keyOf(record);
    const fileNames = namesOf(files);
    const entry = await this.#entry(node, key);
    if ("outputs" in entry) return { status: "hit", node, key, record, entry };
    const reasons = entry.reason === null ? await this.#explain(node, record, fileNames) : [entry.reason];
    const held = this.#selected.held.get(node.name);
    if (held !== undefined) {
      const { heldBack } = await import("./held.js");
      return { status: "broken", node, held, diagnostics: [heldBack(node, held, reasons)] };
    }
    return { status: "run", node, key, record, fileNames, reasons };
  }

  /** The result to take; or why none may be taken, as far as that can be said without comparing keys. */
  async #entry(node: StageNode, key: Key): Promise<Entry | { readonly reason: Reason | null }> {
    const reason = this.mustRun(node);
    if (reason !== null) return { reason };
    const found = await this.lookup(key);
    return found.hit ? found.entry : found;
  }

  /** Why a stage runs even where there is a result; null where that would be taken. */
  mustRun({ name, stage, reads }: StageNode): Reason | null {
    if (this.#selected.forced.has(name)) return { kind: "forced" };
    const { untracked } = stage.code;
    // What the pipeline declares is what it reads.
    return untracked !== undefined && reads?.files === undefined ? { kind: "untracked", why: untracked } : null;
  }

  /** The result of a key, looked into as far as `verify` asks for. */
  async lookup(key: Key): Promise<Lookup> {
    const { verify, sound = new Set(), signal } = this.#options;
    if (verify !== "full") return this.#store.lookup(key);
    return (await import("../store/sound.js")).lookupSound(this.#store, key, sound, signal);
  }

  /** What the key of a stage is made of, with these inputs and files. */
  record(
    node: StageNode,
    inputs: Readonly<Record<string, Digest>>,
    files: Readonly<Record<string, readonly PlannedFile[]>>,
  ): KeyRecord {
    return keyRecordOf(node, inputs, files, this.#runtime);
  }

  /** Names and digests of the files that a stage reads, now. */
  async files(node: StageNode): Promise<Readonly<Record<string, readonly PlannedFile[]>>> {
    if (Object.keys(node.files).length === 0) return {};
    const { planFiles } = await import("../files/resolve.js");
    return planFiles(node.files, {
      directory: this.#pipeline.directory,
      memo: await this.memo(),
      stage: node.name,
      at: node.at ?? undefined,
      signal: this.#options.signal,
    });
  }

  /** The memo of file digests. */
  async memo(): Promise<FileMemo> {
    if (this.#memo === undefined) {
      const { FileMemo } = await import("../files/memo.js");
      this.#memo ??= FileMemo.load(this.#store.path("memo", "files.json"));
    }
    return this.#memo;
  }

  /** Keeps what was learnt of files for the next time. A store that cannot be written only costs time. */
  finish(): void {
    try {
      this.#memo?.save();
    } catch {
      // The memo can be made again.
    }
  }

  /** Loaded when something differs: a run with nothing to do explains nothing. */
  async #explain(node: StageNode, record: KeyRecord, after: FileNames): Promise<readonly Reason[]> {
    const { Explainer } = await import("./explainer.js");
    this.#explainer ??= new Explainer(this.#pipeline, this.#store);
    return this.#explainer.explain(node, record, after);
  }
}

/** Port → digest; or the names of the stages whose results are not known. */
function inputDigests(
  node: StageNode,
  outputsOf: (stage: string) => Outputs | undefined,
): Readonly<Record<string, Digest>> | readonly string[] {
  const inputs: Record<string, Digest> = {};
  const unknown = new Set<string>();
  for (const [port, { stage, port: from }] of Object.entries(node.inputs)) {
    const output = outputsOf(stage)?.[from];
    if (output === undefined) unknown.add(stage);
    else inputs[port] = output.digest;
  }
  return unknown.size > 0 ? [...unknown] : inputs;
}

function namesOf(files: Readonly<Record<string, readonly PlannedFile[]>>): FileNames {
  return Object.fromEntries(Object.entries(files).map(([group, list]) => [group, list.map(({ name }) => name)]));
}
