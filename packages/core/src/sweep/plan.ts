import { existsSync } from "node:fs";
import type { Digest, Key } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { PlannedFile } from "../files/resolve.js";
import { currentRuntime, keyOf, keyRecordOf, type Runtime } from "../keys/record.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import type { Outputs, PlanOptions } from "../plan/plan.js";
import { DEFAULT_DEVICE, Planner } from "../plan/planner.js";
import { type Held, select } from "../plan/select.js";
import type { Entry } from "../store/entry.js";
import type { Store } from "../store/store.js";
import { Alike } from "./alike.js";
import { type Rung, rungsOf } from "./halving.js";
import type { Sweep, SweepPoint } from "./sweep.js";

/**
 * What will become of one execution of a stage, which may serve many points. `run`: or a hit, once its inputs are known.
 * `broken`: its files cannot be read, or it must not run and has no result.
 */
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
  /** The rounds of a sweep that halves; none of any other. */
  readonly rungs: readonly Rung[];
  /** Milliseconds of computing that the hits save. */
  readonly savedMs: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Plans every point, or a part of each; what points have in common is planned once.
 * @throws DiagnosticError `unknown-target`, `selection-conflict`.
 */
export async function planSweep(
  { pipeline, points }: Sweep,
  store: Store,
  options: PlanOptions = {},
): Promise<SweepPlan> {
  const planner = new SweepPlanner(pipeline, store, options);
  const planned: { point: SweepPoint; executions: readonly number[] }[] = [];
  for (const point of points) {
    planned.push({ point, executions: await planner.plan(planner.partOf(point.pipeline)) });
  }
  planner.finish();
  const { executions, savedMs, diagnostics } = planner;
  const halving = pipeline.matrix?.halving;
  const rungs = halving === undefined ? [] : rungsOf(points, halving);
  return { pipeline: pipeline.name, points: planned, executions, rungs, savedMs, diagnostics };
}

type Files = Readonly<Record<string, readonly PlannedFile[]>>;

/** What of a key does not depend on the inputs: a number, the same for equal ones; and the files, null when they cannot be read. */
interface KeyPart {
  readonly number: number;
  readonly files: Files | null;
}

const NONE: Files = Object.freeze({});

class SweepPlanner {
  readonly executions: (SweepExecution & { points: number })[] = [];
  readonly diagnostics: Diagnostic[] = [];
  savedMs = 0;
  readonly #planner: Planner;
  readonly #store: Store;
  readonly #runtime: Runtime;
  readonly #part: ReadonlySet<string> | null;
  readonly #held: ReadonlyMap<string, Held>;
  /** Stages that must not run and would have to: said once, however many points it is. */
  readonly #told = new Set<string>();
  readonly #alike = new Alike();
  /** What of the key of a node does not depend on its inputs. */
  readonly #parts = new Map<StageNode, KeyPart>();
  /** What a node is and what it is given → its execution. */
  readonly #known = new Map<string, number>();
  /** What hits gave, by number of the execution; null for others. */
  readonly #outputs: (Outputs | null)[] = [];
  readonly #texts = new Map<object, string>();
  readonly #files = new Map<string, Promise<Files | null>>();
  /** The point before: where nothing differs from it, the execution is the same. */
  #nodes: readonly StageNode[] = [];
  #found: readonly number[] = [];
  /** Inputs of a stage → the places of the stages that they come from. */
  #sources = new Map<StageNode["inputs"], readonly number[]>();

  constructor(pipeline: Pipeline, store: Store, options: PlanOptions) {
    const selected = select(pipeline, options);
    this.#planner = new Planner(pipeline, store, options, selected);
    this.#store = store;
    this.#runtime = options.runtime ?? currentRuntime(options.device ?? DEFAULT_DEVICE);
    this.#held = selected.held;
    const whole = selected.nodes.length === pipeline.nodes.length;
    this.#part = whole ? null : new Set(selected.nodes.map(({ name }) => name));
  }

  /** The stages of a point that were asked for, and what they need. */
  partOf({ nodes }: Pipeline): readonly StageNode[] {
    return this.#part === null ? nodes : nodes.filter(({ name }) => this.#part?.has(name));
  }

  finish(): void {
    this.#planner.finish();
  }

  /** The executions of the stages of a point, by number. */
  async plan(nodes: readonly StageNode[]): Promise<readonly number[]> {
    const before = this.#nodes;
    const comparable = nodes.length === before.length && nodes.every(({ name }, at) => name === before[at].name);
    if (!comparable) this.#sources = new Map();
    const found: number[] = [];
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at];
      const sources = this.#sourcesOf(node, nodes);
      const same =
        comparable && node === before[at] && sources.every((source) => found[source] === this.#found[source]);
      const number = same ? this.#found[at] : await this.#numberOf(node, sources, found);
      this.executions[number].points++;
      found.push(number);
    }
    this.#nodes = nodes;
    this.#found = found;
    return found;
  }

  #sourcesOf({ inputs }: StageNode, nodes: readonly StageNode[]): readonly number[] {
    const known = this.#sources.get(inputs);
    if (known !== undefined) return known;
    const sources = Object.values(inputs).map(({ stage }) => nodes.findIndex(({ name }) => name === stage));
    this.#sources.set(inputs, sources);
    return sources;
  }

  async #numberOf(node: StageNode, sources: readonly number[], found: readonly number[]): Promise<number> {
    const part = this.#parts.get(node) ?? (await this.#partOf(node));
    const inputs: Record<string, Digest> = {};
    let text = `${node.name} ${part.number} ${part.files !== null}`;
    let certain = part.files !== null;
    let at = 0;
    for (const [port, { port: from }] of Object.entries(node.inputs)) {
      const producer = found[sources[at++]];
      const digest = this.#outputs[producer]?.[from]?.digest;
      certain &&= digest !== undefined;
      if (digest !== undefined) inputs[port] = digest;
      text += ` ${port} ${digest ?? `${producer}.${from}`}`;
    }
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const key = certain ? keyOf(keyRecordOf(node, inputs, part.files ?? NONE, this.#runtime), this.#texts) : null;
    const entry = key === null || this.#planner.mustRun(node) !== null ? null : this.#entryOf(key);
    const held = key !== null && entry === null ? this.#held.get(node.name) : undefined;
    if (held !== undefined) await this.#tell(node, found, sources);
    const status = part.files === null || held !== undefined ? "broken" : entry === null ? "run" : "hit";
    const number = this.#add(node, status, key, entry);
    this.#known.set(text, number);
    return number;
  }

  #entryOf(key: Key): Entry | null {
    // Thousands of results that are not there cost thousands of errors where they are asked for.
    if (!existsSync(this.#store.entryPath(key))) return null;
    const found = this.#store.lookup(key);
    return found.hit ? found.entry : null;
  }

  /** Why a stage would have to run that must not. */
  async #tell(node: StageNode, found: readonly number[], sources: readonly number[]): Promise<void> {
    if (this.#told.has(node.name)) return;
    this.#told.add(node.name);
    const places = new Map(Object.values(node.inputs).map(({ stage }, at) => [stage, found[sources[at]]]));
    const planned = await this.#planner.assess(node, (stage) => this.#outputs[places.get(stage) ?? -1] ?? undefined);
    if (planned.status === "broken") this.diagnostics.push(...planned.diagnostics);
  }

  async #partOf(node: StageNode): Promise<KeyPart> {
    const files = Object.keys(node.files).length === 0 ? NONE : await this.#filesOf(node);
    const record = keyRecordOf(node, {}, files ?? NONE, this.#runtime);
    const part = { number: this.#alike.of(record), files };
    this.#parts.set(node, part);
    return part;
  }

  #add(node: StageNode, status: SweepExecution["status"], key: Key | null, entry: Entry | null): number {
    this.savedMs += entry?.computeMs ?? 0;
    this.#outputs.push(entry?.outputs ?? null);
    return this.executions.push({ stage: node.name, use: node.stage.id, status, key, points: 0 }) - 1;
  }

  #filesOf(node: StageNode): Promise<Files | null> {
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
