import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { crashed } from "./failure.js";
import { eachLine } from "./lines.js";
import { type Executor, STOP_MS, type Task, type TaskListener, type TaskResult, type WorkerMessage } from "./task.js";

/** Lines of the error output that a report of a crash shows. */
const TAIL = 20;

/**
 * Runs each task in a child process of its own: its memory is given back, a crash takes nothing with it, and it can be
 * killed whatever it does.
 */
export class ProcessExecutor implements Executor {
  readonly #children = new Set<ChildProcess>();
  readonly #environment: Readonly<Record<string, string>>;
  /** Who presses Ctrl-C twice does not want to wait for what runs. */
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill("SIGKILL");
  };

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
    if (this.#children.size === 0) process.on("exit", this.#killAll);
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
      let patience: NodeJS.Timeout | undefined;
      const kill = (): void => end(() => reject(signal.reason));
      const onAbort = (): void => {
        if (task.checkpoints === null) {
          kill();
          return;
        }
        child.send({ type: "stop" }, () => {});
        patience = setTimeout(kill, STOP_MS);
      };
      signal.addEventListener("abort", onAbort);
      child.on("message", (message: WorkerMessage) => {
        if (message.type === "done") end(() => resolve(message.result));
        else if (message.type === "failed") end(() => reject(new DiagnosticError(message.diagnostics)));
        else listener(message);
      });
      child.on("error", (error) => end(() => reject(new DiagnosticError(crashed(task, error.message)))));
      // "close" comes when it is gone and all that it printed was read: the next stage finds the memory free.
      child.on("close", (code, killedBy) => {
        clearTimeout(patience);
        signal.removeEventListener("abort", onAbort);
        this.#children.delete(child);
        if (this.#children.size === 0) process.off("exit", this.#killAll);
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
