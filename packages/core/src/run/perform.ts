import { TaskCheckpoints } from "../checkpoints/checkpoints.js";
import type { Columns } from "../dataset/columns.js";
import { Dataset } from "../dataset/dataset.js";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { Random } from "../random/random.js";
import type { Seed } from "../random/seed.js";
import type { ResolvedFile, StageContext } from "../stages/context.js";
import { applyStage, executeStage, fitStage } from "../stages/execute.js";
import type { AnyStage, EstimatorDefinition, ParamsSchema, Piece, SourceMethods } from "../stages/stage.js";
import { stagedPath } from "../store/entry.js";
import { readArtifact, readParts, writeArtifact, writeChunk } from "./artifact-files.js";
import type { StoredOutput } from "./record.js";
import type { Task, TaskInput, TaskListener, TaskResult, TaskWork } from "./task.js";

/** At most so often is progress told, milliseconds. */
const PROGRESS_INTERVAL = 100;

/** So often are pieces told that a source finds, milliseconds. */
const PIECES_INTERVAL = 10;

/** Bytes of a dataset on disk from which it is worth a word that a stage holds it. */
const LARGE = 256 << 20;

/** Does a task in this thread: reads its inputs, runs the stage, writes its outputs. */
export async function performTask(
  task: Task,
  stage: AnyStage,
  listener: TaskListener,
  signal: AbortSignal,
): Promise<TaskResult> {
  const started = performance.now();
  const pathOf = (port: string) => (name: string) => stagedPath(task.out, port, name);
  const pausing = new AbortController();
  const checkpoints =
    task.checkpoints && new TaskCheckpoints(task.checkpoints, task.out, listener, () => pausing.abort());
  const context = contextOf(task, listener, AbortSignal.any([signal, pausing.signal]), checkpoints);
  if (task.work.kind === "pieces") {
    await tellPieces(sourceOf(stage).pieces(task.params, context), listener);
    return { outputs: {}, computeMs: performance.now() - started };
  }
  const values = await valuesOf(task, task.work, stage, context);
  // A stage that was asked to stop and is through all the same has a result; any other was given up by its caller.
  if (task.checkpoints === null) signal.throwIfAborted();
  const outputs: Record<string, StoredOutput> = {};
  for (const [port, { artifact, columns }] of Object.entries(task.outputs)) {
    if (task.work.kind === "fit" && port === "data") continue;
    const value = values[port];
    if (value === undefined || value === null) throw broken(task, `gave nothing on its output port "${port}"`);
    if (artifact === "dataset") checkColumns(task, port, value, columns);
    outputs[port] =
      task.work.kind === "chunk"
        ? await writeChunk(artifact, value, task.work.file, pathOf(port), task.store)
        : await writeArtifact(artifact, value, pathOf(port), task.store);
  }
  return { outputs, computeMs: checkpoints?.elapsed ?? performance.now() - started };
}

/** Tells the first at once, and others together with those that come soon after. */
async function tellPieces(pieces: AsyncIterable<Piece>, listener: TaskListener): Promise<void> {
  let told = Number.NEGATIVE_INFINITY;
  let waiting: Piece[] = [];
  for await (const piece of pieces) {
    waiting.push(piece);
    const now = performance.now();
    if (now - told < PIECES_INTERVAL) continue;
    listener({ type: "pieces", pieces: waiting });
    told = now;
    waiting = [];
  }
  listener({ type: "pieces", pieces: waiting });
}

/** What the stage gives on its ports; of a chunk, on `data`. */
async function valuesOf(
  task: Task,
  work: Exclude<TaskWork, { readonly kind: "pieces" }>,
  stage: AnyStage,
  context: StageContext,
): Promise<Record<string, unknown>> {
  if (work.kind === "fit") {
    const { fold, describe } = stage as EstimatorDefinition;
    if (fold === undefined) tellHeld(task.inputs.data, "train and validation rows are", context);
    const chunks = readParts(task.inputs.data) as AsyncGenerator<Dataset>;
    const { data: _, ...others } = task.inputs;
    const extra = Object.fromEntries(
      await Promise.all(
        Object.entries(others).map(async ([port, input]) => [port, await readArtifact(input)] as const),
      ),
    );
    const own = { ...context, extra };
    const state = await fitStage(stage as EstimatorDefinition, chunks, task.params, own, task.columns);
    return { state, ...(describe !== undefined && { report: describe(state as never) }) };
  }
  if (work.kind === "chunk") {
    if (work.piece !== undefined) {
      return { data: await sourceOf(stage).read(work.piece.where, task.params, context, work.widths) };
    }
    const state = task.inputs.state === undefined ? null : await stateOf(task.inputs.state);
    const rows = (await readArtifact(task.inputs.data)) as Dataset;
    return { data: await applyStage(stage, rows, state, task.params, context, task.columns) };
  }
  const inputs: Record<string, unknown> = {};
  for (const [port, input] of Object.entries(task.inputs)) {
    tellHeld(input, "all rows are", context);
    inputs[port] = await readArtifact(input);
  }
  return executeStage(stage, inputs, task.params, context, task.columns);
}

/** A stage that needs a large dataset as a whole says so: its memory grows with the data. */
function tellHeld({ files }: TaskInput, what: string, context: StageContext): void {
  if (files.length === 1) return;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > LARGE) context.log(`${what} held in memory: ${Math.round(size / 1e6)} MB on disk`);
}

/** Fitted states that came last: a worker applies one to chunk after chunk. */
let kept: { readonly digest: string; readonly state: Promise<unknown> } | null = null;

function stateOf(input: TaskInput): Promise<unknown> {
  if (kept?.digest !== input.digest) kept = { digest: input.digest, state: readArtifact(input) };
  return kept.state;
}

function sourceOf(stage: AnyStage): SourceMethods<ParamsSchema> {
  if (stage.kind !== "stage" || stage.source === undefined) throw new Error(`stage ${stage.id} has no pieces`);
  return stage.source;
}

/** What a stage sees beside its inputs and parameters. */
export function contextOf(
  task: Pick<Task, "stage" | "seed" | "files" | "device"> & Partial<Pick<Task, "profile" | "out" | "work">>,
  listener: TaskListener,
  signal: AbortSignal,
  checkpoints: TaskCheckpoints | null = null,
): StageContext {
  let told = Number.NEGATIVE_INFINITY;
  let epochStarted = performance.now();
  return {
    stage: task.stage,
    random: new Random(task.seed as Seed),
    signal,
    files: task.work?.kind === "pieces" && !task.work.digests ? withoutDigests(task.files) : task.files,
    scratch: task.out ?? "",
    device: task.device,
    firstRow: task.work?.kind === "chunk" ? task.work.firstRow : 0,
    validation: Dataset.of([], 0),
    progress: (progress) => {
      const now = performance.now();
      if (now - told < PROGRESS_INTERVAL && progress.done !== progress.total) return;
      told = now;
      listener({ type: "progress", progress });
    },
    epoch: (epoch, epochs, metrics) => {
      const now = performance.now();
      const { ms } = checkpoints?.epochEnded({ epoch, metrics }) ?? { ms: now - epochStarted };
      listener({ type: "epoch", epoch, epochs, metrics, ms });
      epochStarted = now;
    },
    log: (message) => listener({ type: "log", message }),
    ...(task.profile === true && { profile: (rows) => listener({ type: "profile", rows }) }),
    ...(checkpoints !== null && { checkpoint: checkpoints }),
  };
}

/** Their digests are still being computed. */
function withoutDigests(files: Task["files"]): Task["files"] {
  const hidden = ({ path, name }: ResolvedFile): ResolvedFile => ({
    path,
    name,
    get digest(): string {
      throw new Error(`the digest of "${name}" is not known yet`);
    },
  });
  return Object.fromEntries(Object.entries(files).map(([group, list]) => [group, list.map(hidden)]));
}

/** The plan told the stages after this one what columns they will get: a stage that breaks its word is found here. */
function checkColumns(task: Task, port: string, value: unknown, columns: Columns | null): void {
  if (!(value instanceof Dataset)) throw broken(task, `gave no dataset on its output port "${port}"`);
  for (const [name, type] of Object.entries(columns ?? {})) {
    const found = value.columns.get(name);
    if (found?.type === type) continue;
    const what = found === undefined ? "without it" : `with ${found.type} in its place`;
    throw broken(task, `declares a column "${name}" of ${type} on port "${port}" and gave a dataset ${what}`);
  }
}

function broken(task: Task, what: string): DiagnosticError {
  return fail("stage-output", `stage "${task.stage}" (${task.use}) ${what}`, {
    hint: "This is a fault of the stage: its outputs must be what its definition says.",
  });
}
