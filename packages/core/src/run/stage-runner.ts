import { delimiter } from "node:path";
import type { Digest, Key } from "../brands.js";
import type { CheckpointMode, CheckpointTask } from "../checkpoints/checkpoints.js";
import { checkpointFolder, removeCheckpoints } from "../checkpoints/folder.js";
import { rowsInSummary } from "../dataset/preview.js";
import { type Diagnostic, fail } from "../diagnostics/diagnostic.js";
import { isForced } from "../keys/reason.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import type { Outputs, PlanNode } from "../plan/plan.js";
import type { Planner } from "../plan/planner.js";
import type { ProfileRow, ResolvedFile } from "../stages/context.js";
import type { AnyStage } from "../stages/stage.js";
import { rememberCode } from "../store/code.js";
import { commit } from "../store/commit.js";
import type { Entry } from "../store/entry.js";
import type { Store } from "../store/store.js";
import { knownChunks } from "../streams/known.js";
import type { Lend } from "../streams/lanes.js";
import { type Found, streamStage, streams } from "../streams/stream.js";
import { joinReads, type Undeclared, undeclared, undeclaredDiagnostic } from "../undeclared/declared.js";
import type { Reads } from "../undeclared/watch-reads.js";
import type { RunListener } from "./events.js";
import { diagnosticsOf } from "./failure.js";
import { InlineExecutor } from "./inline.js";
import type { LookAhead } from "./look-ahead.js";
import { watchMemory } from "./memory.js";
import { ProcessExecutor } from "./processes.js";
import type { EpochRecord, StoredOutput } from "./record.js";
import type { RunOptions } from "./run.js";
import type { Executor, Task, TaskInput, TaskListener, TaskResult, TaskWork } from "./task.js";
import { ThreadExecutor } from "./threads.js";

/** What running stages needs to know. */
export interface RunnerOptions {
  readonly pipeline: Pipeline;
  readonly planner: Planner;
  readonly store: Store;
  readonly device: string;
  readonly profile: boolean;
  readonly traceInputs: boolean;
  readonly checkpoints: CheckpointMode;
  readonly pause?: RunOptions["pause"];
  readonly mirrors: readonly string[];
  readonly definitions: ReadonlyMap<string, AnyStage>;
  readonly environment: Readonly<Record<string, string>>;
  /** What was begun before the plan was made; its threads go on to be used. */
  readonly lookAhead: LookAhead | null;
  readonly signal: AbortSignal;
  readonly emit: RunListener;
}

/** A result that is in the store now. */
export interface Finished {
  readonly entry: Entry;
  /** What it told of where its time went. */
  readonly profile: readonly ProfileRow[] | undefined;
  /** From where it went on, when it found a checkpoint. */
  readonly resumed: string | undefined;
  /** What it read and the pipeline does not declare, where that was watched. */
  readonly undeclared: Undeclared | undefined;
  readonly warnings: readonly Diagnostic[];
}

type Planned = Extract<PlanNode, { readonly status: "run" }>;

/** What a stage told while it ran. */
interface Told {
  epochs: EpochRecord[];
  resumed: string | undefined;
  profile: readonly ProfileRow[] | undefined;
  reads: Reads | null;
}

/** Takes one stage from its plan to its entry in the store. Where it runs is the business of an executor. */
export class StageRunner {
  readonly #options: RunnerOptions;
  /** Stage → its last checkpoint in this run. */
  readonly #checkpoints = new Map<string, string>();
  /** Stage → the most memory of the process that computed it, bytes. */
  readonly #memory = new Map<string, number>();
  readonly #executors: { readonly inline: Executor; readonly thread: Executor; readonly process: Executor };

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#executors = {
      inline: new InlineExecutor(options.definitions),
      thread: options.lookAhead?.threads ?? new ThreadExecutor(options.environment),
      process: new ProcessExecutor(options.environment),
    };
  }

  /** @throws DiagnosticError when the stage fails, or its result cannot be kept; nothing is kept then. */
  async run(planned: Planned, outputs: ReadonlyMap<string, Outputs>, lend: Lend): Promise<Finished> {
    const { store } = this.#options;
    const { node } = planned;
    const files = await this.#resolveFiles(node);
    this.#checkFiles(planned, files);
    const staging = store.begin();
    const told = nothingTold();
    try {
      const task = this.#task(planned, outputs, files, staging);
      const result = await this.#perform(task, planned, told, lend);
      this.#checkFiles(planned, await this.#options.planner.files(node));
      const createdAt = new Date().toISOString();
      const { key, record, fileNames, reasons } = planned;
      const { epochs, profile, resumed } = told;
      const forced = isForced(reasons);
      const published = commit(store, staging, { key, record, fileNames, ...result, epochs, createdAt }, forced);
      if (task.checkpoints !== null) removeCheckpoints(store, key);
      rememberCode(store, node.stage.code);
      // Where the key does not tell everything, another result is nothing to wonder at.
      const expected = reasons.some(({ kind }) => kind === "untracked");
      const different = expected ? [] : notReproducible(node, published.different, forced);
      const found = told.reads && undeclared(told.reads, node, files, this.#options.pipeline.directory);
      const warnings = found === null ? different : [...different, undeclaredDiagnostic(node, found)];
      return { entry: published.entry, profile, resumed, undeclared: found ?? undefined, warnings };
    } catch (error) {
      store.discard(staging);
      this.#removeDamaged(error);
      throw error;
    }
  }

  /** Runs a stage that has a result once more, and hands what it gives over to be looked at. Nothing of it is kept. */
  async again<T>(
    hit: Extract<PlanNode, { readonly status: "hit" }>,
    outputs: ReadonlyMap<string, Outputs>,
    look: (made: Outputs, staging: string) => Promise<T>,
  ): Promise<T> {
    const planned: Planned = { ...hit, status: "run", fileNames: {}, reasons: [{ kind: "forced" }] };
    const files = await this.#resolveFiles(hit.node);
    this.#checkFiles(planned, files);
    const staging = this.#options.store.begin();
    try {
      const task = this.#task(planned, outputs, files, staging);
      const told = nothingTold();
      const made = await this.#perform(task, planned, told, () => null);
      return await look(made.outputs, staging);
    } catch (error) {
      this.#removeDamaged(error);
      throw error;
    } finally {
      this.#options.store.discard(staging);
    }
  }

  async #perform(task: Task, planned: Planned, told: Told, lend: Lend): Promise<TaskResult> {
    const { signal } = this.#options;
    const { node } = planned;
    const executor = this.#executors[node.stage.module === null ? "inline" : node.stage.isolation];
    const listener = this.#listener(node, told);
    const memory = executor === this.#executors.process ? null : watchMemory();
    try {
      if (!streams(node.stage, task)) return await executor.run(task, listener, signal);
      return await this.#stream(task, planned, executor, listener, lend);
    } finally {
      memory?.close();
      if (memory !== null) this.#memory.set(node.name, memory.peak());
    }
  }

  #stream(
    task: Task,
    { node, record, reasons }: Planned,
    executor: Executor,
    listener: TaskListener,
    lend: Lend,
  ): Promise<TaskResult> {
    const { pipeline, planner, store, signal, emit } = this.#options;
    const said = new Set<string>();
    // How far one chunk is says nothing of the whole; what each of them says is worth hearing once.
    const hear =
      (kind: TaskWork["kind"], found?: Found): TaskListener =>
      (event) => {
        if (event.type === "pieces") found?.(event.pieces);
        if (event.type === "progress" && kind === "chunk") return;
        if (event.type === "log" && said.has(event.message)) return;
        if (event.type === "log") said.add(event.message);
        listener(event);
      };
    return streamStage(task, {
      stage: node.stage,
      run: (part, found) => executor.run(part, hear(part.work.kind, found), signal),
      begun: (found) => this.#options.lookAhead?.follow(node, hear("pieces", found)) ?? null,
      known: async () =>
        reasons.some(({ kind }) => kind === "forced")
          ? new Map()
          : knownChunks(store, (key) => planner.lookup(key), pipeline.name, node, record),
      lend,
      progress: (progress) => emit({ type: "stage-progress", stage: node.name, progress }),
    });
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#executors).map((executor) => executor.close()));
  }

  /** Where a stage that was interrupted goes on in the next run. */
  checkpointOf(stage: string): string | undefined {
    return this.#checkpoints.get(stage);
  }

  /** The most memory, bytes, of the process that computed a stage, also where that failed; undefined where it never ran. */
  memoryOf(stage: string): number | undefined {
    return this.#memory.get(stage);
  }

  #task(
    { node, key, reasons }: Planned,
    outputs: ReadonlyMap<string, Outputs>,
    files: Readonly<Record<string, readonly ResolvedFile[]>>,
    out: string,
  ): Task {
    const inputs: Record<string, TaskInput> = {};
    for (const [port, { stage, port: from }] of Object.entries(node.inputs)) {
      const output = outputs.get(stage)?.[from];
      if (output === undefined) throw new Error(`stage "${stage}" gave no "${from}" for stage "${node.name}"`);
      inputs[port] = taskInput(this.#options.store, output);
    }
    return {
      stage: node.name,
      use: node.stage.id,
      at: node.at,
      module: node.stage.module,
      params: node.params,
      seed: node.seed,
      columns: node.columns,
      device: this.#options.device,
      work: { kind: "whole" },
      profile: this.#options.profile,
      traceInputs: this.#options.traceInputs,
      inputs,
      files,
      outputs: node.outputs,
      checkpoints: this.#checkpointTask(node, key, isForced(reasons)),
      out,
      store: this.#options.store.directory,
    };
  }

  /** A stage that is forced begins at its beginning. */
  #checkpointTask(node: StageNode, key: Key, forced: boolean): CheckpointTask | null {
    const { checkpoints: mode, pause, store } = this.#options;
    if (node.stage.resumable === null || mode === "off") return null;
    if (forced) removeCheckpoints(store, key);
    const after = pause?.stage === node.name ? { pauseAfter: pause.epochs } : {};
    return { folder: checkpointFolder(store, key), key, mode, ...after };
  }

  #listener(node: StageNode, told: Told): TaskListener {
    const { emit } = this.#options;
    const stage = node.name;
    return (event) => {
      if (event.type === "progress") emit({ type: "stage-progress", stage, progress: event.progress });
      if (event.type === "log") emit({ type: "stage-log", stage, message: event.message });
      if (event.type === "reads") told.reads = joinReads(told.reads, event.reads);
      if (event.type === "profile") {
        told.profile = [...(told.profile ?? []), ...event.rows];
        emit({ type: "stage-profile", stage, rows: event.rows });
      }
      if (event.type === "memory") this.#memory.set(stage, event.peakRss);
      if (event.type === "checkpoint") {
        this.#checkpoints.set(stage, event.at);
        emit({ type: "stage-checkpoint", stage, at: event.at });
      }
      if (event.type === "resumed") {
        told.resumed = event.at;
        told.epochs = [...event.epochs];
        this.#checkpoints.set(stage, event.at);
        emit({ type: "stage-resumed", stage, from: event.at, epochs: event.epochs });
      }
      if (event.type !== "epoch") return;
      const { epoch, epochs: all, metrics, ms } = event;
      told.epochs.push({ epoch, metrics, ms });
      emit({ type: "stage-epoch", stage, epoch, epochs: all, metrics, ms });
    };
  }

  async #resolveFiles(node: StageNode): Promise<Readonly<Record<string, readonly ResolvedFile[]>>> {
    const { pipeline, planner, store, mirrors, signal, emit } = this.#options;
    return resolveFilesOf(node, pipeline, store, {
      memo: await planner.memo(),
      mirrors,
      signal,
      onProgress: (progress) => emit({ type: "stage-progress", stage: node.name, progress }),
    });
  }

  /** A file that changed since the key was computed: the result would be kept under the key of other content. */
  #checkFiles(
    { node, record }: Planned,
    now: Readonly<Record<string, readonly { readonly name: string; readonly digest: string }[]>>,
  ): void {
    for (const [group, planned] of Object.entries(record.files)) {
      const found = now[group] ?? [];
      const at = planned.findIndex(({ digest }, i) => found[i]?.digest !== digest);
      if (at < 0 && found.length === planned.length) continue;
      const name = found[at < 0 ? planned.length : at]?.name ?? "one of them";
      throw fail("input-changed-during-run", `the files of stage "${node.name}" changed while it ran: ${name}`, {
        hint: "Nothing was kept. Run again when the files no longer change.",
      });
    }
  }

  /** What a worker found to be damaged must not be found again. */
  #removeDamaged(error: unknown): void {
    for (const { code, details } of diagnosticsOf(error) ?? []) {
      const { digest } = (details ?? {}) as { readonly digest?: Digest };
      if (code === "artifact-damaged" && digest !== undefined) this.#options.store.quarantineBlob(digest);
    }
  }
}

function nothingTold(): Told {
  return { epochs: [], resumed: undefined, profile: undefined, reads: null };
}

/** The files that a stage reads, downloaded and verified. */
export async function resolveFilesOf(
  node: StageNode,
  pipeline: Pipeline,
  store: Store,
  options: Pick<import("../files/resolve.js").ResolveOptions, "memo" | "mirrors" | "signal" | "onProgress">,
): Promise<Readonly<Record<string, readonly ResolvedFile[]>>> {
  if (Object.keys(node.files).length === 0) return {};
  const { resolveFiles } = await import("../files/resolve.js");
  return resolveFiles(node.files, {
    ...options,
    directory: pipeline.directory,
    downloads: store.path("downloads"),
    stage: node.name,
    at: node.at ?? undefined,
  });
}

/** The folders that `SEQLOOM_MIRROR` names. */
export function mirrorFolders(environment: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return (environment.SEQLOOM_MIRROR ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Where to read a stored artifact. */
export function taskInput(store: Store, { artifact, digest, files, chunks }: StoredOutput): TaskInput {
  return {
    artifact,
    digest,
    files: files.map((file) => ({ ...file, path: store.blobPath(file.digest) })),
    rows: chunks?.map(({ summary }) => rowsInSummary(summary)) ?? null,
  };
}

function notReproducible(node: StageNode, ports: readonly string[], replaced: boolean): Diagnostic[] {
  if (ports.length === 0) return [];
  const list = ports.map((port) => `"${port}"`).join(", ");
  return [
    {
      code: "not-reproducible",
      severity: "warning",
      message: `stage "${node.name}" (${node.stage.id}) gave another result than before for the same key, on ${list}`,
      hint: replaced
        ? "The new result was kept, because the stage was forced. Something that is not in its key decides the result: a clock, a random number, the order of a folder, an environment variable."
        : "The first result was kept. Something that is not in the stage's key decides the result: a clock, a random number, the order of a folder, an environment variable.",
      stage: node.name,
      ...(node.at !== null && { at: node.at }),
    },
  ];
}
