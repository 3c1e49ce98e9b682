/**
 * @file What runs in every worker thread and in every child process: takes tasks, one after the other, and tells how they
 * went. Nothing but messages comes in or goes out; files are written to the folder that the task names.
 */
import { parentPort } from "node:worker_threads";
import type { AnyStage } from "../stages/stage.js";
import { taskDiagnostics } from "./failure.js";
import { loadStage } from "./load.js";
import { peakMemory } from "./memory.js";
import { performTask } from "./perform.js";
import type { Task, WorkerMessage, WorkerRequest } from "./task.js";

const stages = new Map<string, Promise<AnyStage>>();

/** Of the task that runs now. */
let stopping = new AbortController();

function take(request: WorkerRequest, send: (message: WorkerMessage) => void): void {
  if (!("type" in request)) void serve(request, send);
  else if (request.type === "stop") stopping.abort();
  // Whoever wants it is told what is wrong with it.
  else stageOf(request.module).catch(() => {});
}

function stageOf(module: NonNullable<Task["module"]>): Promise<AnyStage> {
  const name = `${module.name} ${module.url}`;
  const loading = stages.get(name) ?? loadStage(module);
  stages.set(name, loading);
  return loading;
}

async function serve(task: Task, send: (message: WorkerMessage) => void): Promise<void> {
  // From before the stage is loaded: modules may read when they are imported.
  const reads = task.traceInputs ? (await import("../undeclared/watch-reads.js")).watchReads([task.store]) : null;
  try {
    if (task.module === null) throw new Error("a task without a module came to a worker");
    const loading = stageOf(task.module);
    // Aborted only for a task with checkpoints: others are terminated with their thread or process.
    stopping = new AbortController();
    const result = await performTask(task, await loading, send, stopping.signal);
    tellMemory(send);
    if (reads !== null) send({ type: "reads", reads: reads() });
    send({ type: "done", result });
  } catch (error) {
    tellMemory(send);
    send({ type: "failed", diagnostics: taskDiagnostics(error, task) });
  }
}

/** A thread has no memory of its own that could be told. */
function tellMemory(send: (message: WorkerMessage) => void): void {
  if (parentPort === null) send({ type: "memory", peakRss: peakMemory() });
}

if (parentPort !== null) {
  const port = parentPort;
  port.on("message", (request: WorkerRequest) => take(request, (message) => port.postMessage(message)));
} else if (process.send !== undefined) {
  process.on("message", (request: WorkerRequest) => take(request, (message) => process.send?.(message)));
  // Ctrl-C reaches every process of the terminal: it is the coordinator that ends this one.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit());
}
