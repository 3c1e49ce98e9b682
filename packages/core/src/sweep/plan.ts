import { existsSync } from "node:fs";
import type { Digest, Key } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { PlannedFile } from "../files/resolve.js";
import { currentRuntime, keyOf, keyRecordOf, type Runtime, sha256 } from "../keys/record.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import type { Outputs } from "../plan/plan.js";
import { DEFAULT_DEVICE, Planner } from "../plan/planner.js";
import type { Store } from "../store/store.js";
import type { Sweep, SweepPoint } from "./sweep.js";

/** What will become of one execution of a stage, which may serve many points. `run`: or a hit, once its inputs are known. */
export interface SweepExecution {
  readonly stage: string;
  readonly use: string;
  readonly status: "hit" | "run" | "broken";
  /** The key of its result; null where that depends on what will run before it. */
  readonly key: Key | null;
  /** How many points it serves. */
  readonly points: number;
}

/** What a sweep would do now. */
export interface SweepPlan {
  readonly pipeline: string;
  readonly points: readonly { readonly point: SweepPoint; readonly executions: readonly number[] }[];
  /** Each once, however many points need it. */
  readonly executions: readonly SweepExecution[];
  /** Milliseconds of computing that the hits save. */
  readonly savedMs: number;
  readonly diagnostics: readonly Diagnostic[];
}

interface Execution extends SweepExecution {
  points: number;
  /** Of a hit: what it gave. Of others: a name for what it will give. */
  readonly outputs: Outputs | null;
  readonly name: Digest;
  readonly number: number;
}

/** Plans every point; what points have in common is planned once. */
export async function planSweep(
  { pipeline, points }: Sweep,
  store: Store,
  options: { readonly device?: string | undefined } = {},
): Promise<SweepPlan> {
  const planner = new SweepPlanner(pipeline, store, options.device ?? DEFAULT_DEVICE);
  const planned: { point: SweepPoint; executions: number[] }[] = [];
  for (const point of points) {
    const executions = new Map<string, Execution>();
    for (const node of point.pipeline.nodes) executions.set(node.name, await planner.execution(node, executions));
    planned.push({ point, executions: [...executions.values()].map(({ number }) => number) });
  }
  planner.finish();
  return {
    pipeline: pipeline.name,
    points: planned,
    executions: planner.executions.map(({ stage, use, status, key, points: serves }) => ({
      stage,
      use,
      status,
      key,
      points: serves,
    })),
    savedMs: planner.savedMs,
    diagnostics: planner.diagnostics,
  };
}

class SweepPlanner {
  readonly executions: Execution[] = [];
  readonly diagnostics: Diagnostic[] = [];
  savedMs = 0;
  readonly #planner: Planner;
  readonly #store: Store;
  readonly #runtime: Runtime;
  /** Canonical texts of what nodes have in common: the same stage, the same columns, the same layers. */
  readonly #texts = new Map<object, string>();
  /** Nodes are shared by points: those that meet the same inputs are the same execution. */
  readonly #known = new Map<StageNode, Map<string, Execution>>();
  readonly #files = new Map<string, Promise<Readonly<Record<string, readonly PlannedFile[]>> | null>>();
  readonly #byKey = new Map<Key, Execution>();

  constructor(pipeline: Pipeline, store: Store, device: string) {
    this.#planner = new Planner(pipeline, store, { device });
    this.#store = store;
    this.#runtime = currentRuntime(device);
  }

  finish(): void {
    this.#planner.finish();
  }

  async execution(node: StageNode, before: ReadonlyMap<string, Execution>): Promise<Execution> {
    let situation = "";
    for (const { stage } of Object.values(node.inputs)) situation += `${before.get(stage)?.number} `;
    const known = this.#known.get(node) ?? new Map<string, Execution>();
    this.#known.set(node, known);
    const execution = known.get(situation) ?? (await this.#plan(node, before));
    known.set(situation, execution);
    execution.points++;
    return execution;
  }

  async #plan(node: StageNode, before: ReadonlyMap<string, Execution>): Promise<Execution> {
    const inputs: Record<string, Digest> = {};
    let certain = true;
    for (const [port, { stage, port: from }] of Object.entries(node.inputs)) {
      const producer = before.get(stage) as Execution;
      certain &&= producer.outputs !== null;
      inputs[port] = producer.outputs?.[from]?.digest ?? sha256(`${producer.name} ${from}`);
    }
    const hasFiles = Object.keys(node.files).length > 0;
    const files = hasFiles ? await this.#filesOf(node) : {};
    if (files === null) return this.#add(node, "broken", null, sha256(`broken ${this.executions.length}`), null);
    const key = keyOf(keyRecordOf(node, inputs, files, this.#runtime), this.#texts);
    const same = this.#byKey.get(key);
    if (same !== undefined && same.stage === node.name) return same;
    // Thousands of results that are not there cost thousands of errors where they are asked for.
    const found = certain && existsSync(this.#store.entryPath(key)) ? this.#store.lookup(key) : null;
    const hit = found?.hit === true ? found.entry : null;
    this.savedMs += hit?.computeMs ?? 0;
    const name = key as string as Digest;
    const execution = this.#add(node, hit === null ? "run" : "hit", certain ? key : null, name, hit?.outputs ?? null);
    this.#byKey.set(key, execution);
    return execution;
  }

  #add(
    node: StageNode,
    status: SweepExecution["status"],
    key: Key | null,
    name: Digest,
    outputs: Outputs | null,
  ): Execution {
    const execution = { stage: node.name, use: node.stage.id, status, key, points: 0, outputs, name };
    const numbered = { ...execution, number: this.executions.length };
    this.executions.push(numbered);
    return numbered;
  }

  #filesOf(node: StageNode): Promise<Readonly<Record<string, readonly PlannedFile[]>> | null> {
    const name = JSON.stringify([node.name, node.files]);
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const files = this.#planner.files(node).catch((error: unknown) => {
      if (!(error instanceof DiagnosticError)) throw error;
      this.diagnostics.push(...error.diagnostics);
      return null;
    });
    this.#files.set(name, files);
    return files;
  }
}
