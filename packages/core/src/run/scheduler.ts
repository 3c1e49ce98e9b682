/** @file Runs the stages that are no hits: each as soon as what it needs is there and the machine has room for it. */
import type { Key } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { isForced } from "../keys/reason.js";
import type { Outputs, PlanNode } from "../plan/plan.js";
import type { Planner } from "../plan/planner.js";
import type { RemoteCache } from "../remote/cache.js";
import type { Store } from "../store/store.js";
import { Budget } from "./budget.js";
import type { RunListener } from "./events.js";
import { taskDiagnostics } from "./failure.js";
import type { Flights } from "./flights.js";
import { placeParams } from "./param-place.js";
import type { StageResult } from "./record.js";
import { emptyResult, resultOf } from "./results.js";
import type { SharedWork } from "./shared.js";
import type { Finished, StageRunner } from "./stage-runner.js";

/** What the stages of one run share. */
export interface RunScope {
  readonly planner: Planner;
  readonly store: Store;
  readonly runner: StageRunner;
  readonly flights: Flights;
  /** What others share with us. */
  readonly remote: RemoteCache | null;
  readonly signal: AbortSignal;
  readonly cores: number;
  /** When the run began, on the clock of `performance.now()`. */
  readonly began: number;
  readonly emit: RunListener;
  /** The artifacts that are known so far. The scheduler adds to it. */
  readonly outputs: Map<string, Outputs>;
  /** Called once for every stage. */
  readonly finish: (result: StageResult) => void;
  readonly shared: SharedWork | undefined;
}

type Planned = Extract<PlanNode, { readonly status: "run" }>;

/** Runs the given stages, which are in topological order, and those among them that turn out to be hits. */
export async function schedule(planned: readonly PlanNode[], scope: RunScope): Promise<void> {
  const scheduler = new Scheduler(scope);
  const onAbort = (): void => scope.emit({ type: "interrupting", running: scheduler.running() });
  scope.signal.addEventListener("abort", onAbort);
  try {
    await scheduler.run(planned);
  } finally {
    scope.signal.removeEventListener("abort", onAbort);
    await scope.runner.close();
  }
}

class Scheduler {
  readonly #scope: RunScope;
  readonly #budget: Budget;
  /** Name of a stage → settled when it is over, with whether it has a result. */
  readonly #over = new Map<string, Promise<boolean>>();
  /** Key → the stage that is computing it: two stages with the same key compute it once. */
  readonly #flights: Map<Key, Promise<StageResult>>;
  readonly #running = new Set<string>();
  /** Name of a stage → when all that it needs was there. */
  readonly #ready = new Map<string, number>();
  /** Name of a stage that holds cores → gives them back. */
  readonly #releases = new Map<string, () => void>();

  constructor(scope: RunScope) {
    this.#scope = scope;
    this.#budget = scope.shared?.budget ?? new Budget(scope.cores);
    this.#flights = scope.shared?.flights ?? new Map();
  }

  running(): string[] {
    return [...this.#running];
  }

  /** Every stage waits for those before it: the order of the list makes sure that they are known when it starts. */
  async run(planned: readonly PlanNode[]): Promise<void> {
    const first = this.#scope.shared?.order ?? 0;
    for (const [place, one] of planned.entries()) {
      const order = first + place;
      this.#over.set(
        one.node.name,
        this.#stage(one, order).then((result) => {
          if (result.status === "hit" || result.status === "run") this.#scope.outputs.set(result.name, result.outputs);
          this.#scope.finish(result);
          // Only now: whoever listens sees one stage finish before the next takes its cores.
          this.#releases.get(result.name)?.();
          return result.status === "hit" || result.status === "run";
        }),
      );
    }
    await Promise.all(this.#over.values());
  }

  async #stage(first: PlanNode, order: number): Promise<StageResult> {
    const { node } = first;
    const before = [...new Set(Object.values(node.inputs).map(({ stage }) => stage))];
    const ready = await Promise.all(before.map((stage) => this.#over.get(stage) ?? true));
    if (ready.includes(false) || this.#scope.signal.aborted) return emptyResult(node, "skipped");
    const started = performance.now();
    this.#ready.set(node.name, started);
    try {
      // Where a producer was made anew, it may have given something else: the key is computed from what is there now.
      const anew = before.some((stage) => this.#over.has(stage));
      const planned = first.status === "unknown" || anew ? await this.#assess(first) : first;
      if (planned.status === "hit") {
        const ms = performance.now() - started;
        return resultOf(node, "hit", planned.entry, { ms, ...this.#since(node.name, started) });
      }
      if (planned.status === "broken") return emptyResult(node, "failed", { diagnostics: planned.diagnostics });
      if (planned.status === "unknown") throw new Error(`the inputs of stage "${node.name}" are still not known`);
      return await this.#once(planned, order);
    } catch (error) {
      if (this.#scope.signal.aborted) return emptyResult(node, "skipped");
      return emptyResult(node, "failed", { diagnostics: failureOf(error, first) });
    }
  }

  #assess({ node }: PlanNode): Promise<PlanNode> {
    return this.#scope.planner.assess(node, (stage) => this.#scope.outputs.get(stage));
  }

  async #once(planned: Planned, order: number): Promise<StageResult> {
    const flight = this.#flights.get(planned.key);
    if (flight === undefined) {
      const own = this.#compute(planned, order);
      this.#flights.set(planned.key, own);
      const result = await own;
      // What was interrupted is not done: whoever needs it goes on from there.
      if (result.status === "skipped") this.#flights.delete(planned.key);
      return result;
    }
    const { node } = planned;
    const other = await flight;
    if (other.status === "skipped" && !this.#scope.signal.aborted) return this.#once(planned, order);
    if (other.status !== "run" && other.status !== "hit") {
      const diagnostics = other.diagnostics.map((diagnostic): Diagnostic => ({ ...diagnostic, stage: node.name }));
      return { ...emptyResult(node, other.status, { key: planned.key, diagnostics }), reasons: planned.reasons };
    }
    const { profile, resumed, undeclared, peakRss, ...shared } = other;
    const own = { name: node.name, use: node.stage.id, ...this.#since(node.name, performance.now()) };
    return { ...shared, ...own, status: "hit", reasons: [], ms: 0, diagnostics: [] };
  }

  /** When something began that took a stage further, and how long the stage had waited for it. */
  #since(stage: string, start: number): { readonly startMs: number; readonly waitMs: number } {
    return { startMs: start - this.#scope.began, waitMs: start - (this.#ready.get(stage) ?? start) };
  }

  /** From the remote cache, which takes no cores. A stage that was forced is to be computed. */
  async #fetch(planned: Planned): Promise<StageResult | null> {
    const { remote, signal } = this.#scope;
    const { node, key } = planned;
    if (remote === null || isForced(planned.reasons)) return null;
    const started = performance.now();
    const entry = await remote.fetch(key, signal);
    if (entry === null) return null;
    const ms = performance.now() - started;
    return resultOf(node, "hit", entry, { ms, ...this.#since(node.name, started), from: "remote" });
  }

  async #compute(planned: Planned, order: number): Promise<StageResult> {
    const { node, key } = planned;
    const { planner, flights } = this.#scope;
    const flight = await flights.enter(node, key);
    try {
      // Another process may have made it since this one looked.
      const found = isForced(planned.reasons) ? null : await planner.lookup(key);
      if (found?.hit) {
        return resultOf(node, "hit", found.entry, { ms: 0, ...this.#since(node.name, performance.now()) });
      }
      return await this.#perform(planned, order);
    } finally {
      await flight.release();
    }
  }

  async #perform(planned: Planned, order: number): Promise<StageResult> {
    const { node, key, reasons } = planned;
    const { signal, emit, runner, remote } = this.#scope;
    const found = await this.#fetch(planned);
    if (found !== null) return found;
    this.#releases.set(node.name, await this.#budget.acquire(node.stage.cpu, order));
    const started = performance.now();
    const measured = () => ({
      ms: performance.now() - started,
      ...this.#since(node.name, started),
      peakRss: runner.memoryOf(node.name),
    });
    try {
      if (signal.aborted) return emptyResult(node, "skipped", { key, reasons });
      this.#running.add(node.name);
      emit({ type: "stage-started", stage: node.name, reasons });
      const lend = () => this.#budget.lend();
      const { entry, profile, resumed, undeclared, warnings }: Finished = await runner.run(
        planned,
        this.#scope.outputs,
        lend,
      );
      remote?.publish(entry);
      for (const diagnostic of warnings) emit({ type: "stage-warning", stage: node.name, diagnostic });
      return resultOf(node, "run", entry, {
        ...measured(),
        reasons,
        profile,
        resumed,
        undeclared,
        diagnostics: warnings,
      });
    } catch (error) {
      if (signal.aborted) {
        const checkpoint = runner.checkpointOf(node.name);
        const time = measured();
        const diagnostics = [interrupted(planned, time.ms, checkpoint)];
        return emptyResult(node, "skipped", { ...time, key, reasons, checkpoint, diagnostics });
      }
      const diagnostics = await placeParams(failureOf(error, planned), node.name, node.at);
      return emptyResult(node, "failed", { ...measured(), key, reasons, diagnostics });
    } finally {
      this.#running.delete(node.name);
    }
  }
}

function failureOf(error: unknown, { node }: PlanNode): readonly Diagnostic[] {
  return taskDiagnostics(error, { stage: node.name, use: node.stage.id, at: node.at });
}

function interrupted({ node }: PlanNode, ms: number, checkpoint: string | undefined): Diagnostic {
  return {
    code: "interrupted",
    severity: "warning",
    message: `stage "${node.name}" was stopped after ${(ms / 1000).toFixed(1)} s`,
    ...(checkpoint !== undefined && { hint: `The next run goes on from ${checkpoint}.` }),
    stage: node.name,
  };
}
