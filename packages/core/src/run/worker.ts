/**
 * @file What runs in every worker thread and in every child process: takes tasks, one after the other, and tells how they
 * went. Nothing but messages comes in or goes out; files are written to the folder that the task names.
 */
import { parentPort } from "node:worker_threads";
import type { AnyStage } from "../stages/stage.js";
import { taskDiagnostics } from "./failure.js";
import { loadStage } from "./load.js";
import { performTask } from "./perform.js";
import type { Task, WorkerMessage } from "./task.js";

const stages = new Map<string, Promise<AnyStage>>();

async function serve(task: Task, send: (message: WorkerMessage) => void): Promise<void> {
  try {
    if (task.module === null) throw new Error("a task without a module came to a worker");
    const name = `${task.module.name} ${task.module.url}`;
    const loading = stages.get(name) ?? loadStage(task.module);
    stages.set(name, loading);
    // Never aborted: when a run is, threads are terminated and processes killed, whatever they are doing.
    const { signal } = new AbortController();
    send({ type: "done", result: await performTask(task, await loading, send, signal) });
  } catch (error) {
    send({ type: "failed", diagnostics: taskDiagnostics(error, task) });
  }
}

if (parentPort !== null) {
  const port = parentPort;
  port.on("message", (task: Task) => void serve(task, (message) => port.postMessage(message)));
} else if (process.send !== undefined) {
  process.on("message", (task: Task) => void serve(task, (message) => process.send?.(message)));
  // Ctrl-C reaches every process of the terminal: it is the coordinator that ends this one.
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit());
}
