import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { crashed } from "./failure.js";
import { eachLine } from "./lines.js";
import type { Executor, Task, TaskListener, TaskResult, WorkerMessage } from "./task.js";

/** Lines of the error output that a report of a crash shows. */
const TAIL = 20;

/**
 * Runs each task in a child process of its own: its memory is given back, a crash takes nothing with it, and it can be
 * killed whatever it does.
 */
export class ProcessExecutor implements Executor {
  readonly #children = new Set<ChildProcess>();
  readonly #environment: Readonly<Record<string, string>>;

  /** @param environment variables for the processes, beside those of this one. */
  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
  }

  run(task: Task, listener: TaskListener, signal: AbortSignal): Promise<TaskResult> {
    signal.throwIfAborted();
    const child = fork(fileURLToPath(new URL("./worker.js", import.meta.url)), [], {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...this.#environment },
      execArgv: process.execArgv.filter((flag) => !flag.startsWith("--inspect")),
    });
    this.#children.add(child);
    const tail: string[] = [];
    const log = (message: string): void => listener({ type: "log", message });
    if (child.stdout !== null) eachLine(child.stdout, log);
    if (child.stderr !== null) {
      eachLine(child.stderr, (line) => {
        tail.push(line);
        if (tail.length > TAIL) tail.shift();
        log(line);
      });
    }
    return new Promise((resolve, reject) => {
      let outcome: (() => void) | null = null;
      const end = (act: () => void): void => {
        outcome ??= act;
        child.kill("SIGKILL");
      };
      const onAbort = (): void => end(() => reject(signal.reason));
      signal.addEventListener("abort", onAbort);
      child.on("message", (message: WorkerMessage) => {
        if (message.type === "done") end(() => resolve(message.result));
        else if (message.type === "failed") end(() => reject(new DiagnosticError(message.diagnostics)));
        else listener(message);
      });
      child.on("error", (error) => end(() => reject(new DiagnosticError(crashed(task, error.message)))));
      // "close" comes when it is gone and all that it printed was read: the next stage finds the memory free.
      child.on("close", (code, killedBy) => {
        signal.removeEventListener("abort", onAbort);
        this.#children.delete(child);
        (outcome ?? (() => reject(new DiagnosticError(processCrash(task, code, killedBy, tail)))))();
      });
      child.send(task, (error) => {
        if (error !== null && child.exitCode === null) end(() => reject(error));
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#children].map((child) => {
        const gone = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGKILL");
        return gone;
      }),
    );
  }
}

function processCrash(task: Task, code: number | null, killedBy: string | null, tail: readonly string[]) {
  const how = killedBy === null ? `its process ended with code ${code}` : `its process was ended by ${killedBy}`;
  const memory = killedBy === "SIGKILL" || tail.some((line) => line.includes("heap out of memory"));
  return crashed(task, tail.length === 0 ? how : `${how}: ${tail.at(-1)}`, {
    ...(memory && {
      hint: "It most likely ran out of memory: give it fewer rows, a smaller model or batch, or a machine with more.",
    }),
    details: { code, signal: killedBy, stderr: tail },
  });
}
