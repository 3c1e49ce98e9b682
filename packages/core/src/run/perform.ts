import { TaskCheckpoints } from "../checkpoints/checkpoints.js";
import type { Columns } from "../dataset/columns.js";
import { Dataset } from "../dataset/dataset.js";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { Random } from "../random/random.js";
import type { Seed } from "../random/seed.js";
import type { StageContext } from "../stages/context.js";
import { executeStage } from "../stages/execute.js";
import type { AnyStage } from "../stages/stage.js";
import { stagedPath } from "../store/entry.js";
import { readArtifact, writeArtifact } from "./artifact-files.js";
import type { StoredOutput } from "./record.js";
import type { Task, TaskListener, TaskResult } from "./task.js";

/** At most so often is progress told, milliseconds. */
const PROGRESS_INTERVAL = 100;

/** Does a task in this thread: reads its inputs, runs the stage, writes its outputs. */
export async function performTask(
  task: Task,
  stage: AnyStage,
  listener: TaskListener,
  signal: AbortSignal,
): Promise<TaskResult> {
  const started = performance.now();
  const checkpoints = task.checkpoints && new TaskCheckpoints(task.checkpoints, task.out, listener);
  const inputs: Record<string, unknown> = {};
  for (const [port, input] of Object.entries(task.inputs)) inputs[port] = await readArtifact(input);
  const values = await executeStage(
    stage,
    inputs,
    task.params,
    contextOf(task, listener, signal, checkpoints),
    task.columns,
  );
  // A stage that was asked to stop and is through all the same has a result; any other was given up by its caller.
  if (task.checkpoints === null) signal.throwIfAborted();
  const outputs: Record<string, StoredOutput> = {};
  for (const [port, { artifact, columns }] of Object.entries(task.outputs)) {
    const value = values[port];
    if (value === undefined || value === null) throw broken(task, `gave nothing on its output port "${port}"`);
    if (artifact === "dataset") checkColumns(task, port, value, columns);
    outputs[port] = await writeArtifact(artifact, value, (name) => stagedPath(task.out, port, name), task.store);
  }
  return { outputs, computeMs: checkpoints?.elapsed ?? performance.now() - started };
}

/** What a stage sees beside its inputs and parameters. */
export function contextOf(
  task: Pick<Task, "stage" | "seed" | "files" | "device"> & Partial<Pick<Task, "profile">>,
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
    files: task.files,
    device: task.device,
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
