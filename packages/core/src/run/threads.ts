import { Worker } from "node:worker_threads";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { crashed } from "./failure.js";
import { eachLine } from "./lines.js";
import {
  type Executor,
  STOP_MS,
  type Task,
  type TaskListener,
  type TaskResult,
  type WorkerMessage,
  type WorkerRequest,
} from "./task.js";

interface Thread {
  readonly worker: Worker;
  listener: TaskListener | null;
}

/**
 * Runs tasks in worker threads, each thread one task at a time. Threads are kept: modules that they loaded stay loaded.
 * There are as many as tasks run at once.
 */
export class ThreadExecutor implements Executor {
  readonly #idle: Thread[] = [];
  readonly #all = new Set<Thread>();
  readonly #environment: Readonly<Record<string, string>>;

  /** @param environment variables for the threads, beside those of this process. */
  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  run(task: Task, listener: TaskListener, signal: AbortSignal): Promise<TaskResult> {
    signal.throwIfAborted();
    const thread = this.#idle.pop() ?? this.#start();
    const { worker } = thread;
    thread.listener = listener;
    return new Promise((resolve, reject) => {
      let patience: NodeJS.Timeout | undefined;
      const settle = (act: () => void, reusable: boolean): void => {
        clearTimeout(patience);
        signal.removeEventListener("abort", onAbort);
        worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        if (reusable) this.#idle.push(thread);
        else this.#drop(thread);
        act();
      };
      const onMessage = (message: WorkerMessage): void => {
        if (message.type === "done") settle(() => resolve(message.result), !task.traceInputs);
        else if (message.type === "failed") settle(() => reject(new DiagnosticError(message.diagnostics)), true);
        else listener(message);
      };
      const onError = (error: Error): void => settle(() => reject(threadError(task, error)), false);
      const onExit = (code: number): void =>
        settle(() => reject(new DiagnosticError(crashed(task, `its thread ended with code ${code}`))), false);
      const terminate = (): void => settle(() => void worker.terminate().then(() => reject(signal.reason)), false);
      const onAbort = (): void => {
        if (task.checkpoints === null) {
          terminate();
          return;
        }
        worker.postMessage({ type: "stop" });
        patience = setTimeout(terminate, STOP_MS);
      };
      worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      signal.addEventListener("abort", onAbort);
      worker.postMessage(task);
    });
  }

  /** Starts a thread that will be wanted, and lets it load the module of a stage. */
  prepare(module: NonNullable<Task["module"]>): void {
    const thread = this.#start();
    thread.worker.postMessage({ type: "load", module } satisfies WorkerRequest);
    this.#idle.push(thread);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map(({ worker }) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  #start(): Thread {
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      // What a stage prints must not mix with the results on the output of this process.
      stdout: true,
      stderr: true,
      env: { ...process.env, ...this.#environment },
    });
    const thread: Thread = { worker, listener: null };
    const log = (message: string): void => thread.listener?.({ type: "log", message });
    eachLine(worker.stdout, log);
    eachLine(worker.stderr, log);
    // Without a listener an error between two tasks would end this process.
    worker.on("error", () => this.#drop(thread));
    this.#all.add(thread);
    return thread;
  }

  #drop(thread: Thread): void {
    this.#all.delete(thread);
    const place = this.#idle.indexOf(thread);
    if (place >= 0) this.#idle.splice(place, 1);
  }
}

function threadError(task: Task, error: Error): DiagnosticError {
  if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") {
    const hint = "Give Node more memory (NODE_OPTIONS=--max-old-space-size=8192) or the stage fewer rows.";
    return new DiagnosticError(crashed(task, "it ran out of memory", { hint }));
  }
  return new DiagnosticError(
    crashed(task, error.message, { ...(error.stack !== undefined && { details: error.stack }) }),
  );
}
