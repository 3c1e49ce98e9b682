import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { AnyStage } from "../stages/stage.js";
import { taskDiagnostics } from "./failure.js";
import { performTask } from "./perform.js";
import { type Executor, STOP_MS, type Task, type TaskListener, type TaskResult } from "./task.js";

/** Runs tasks in this thread, for stages that are defined in the program itself and no worker can import. */
export class InlineExecutor implements Executor {
  readonly #definitions: ReadonlyMap<string, AnyStage>;

  /** @param definitions by name of the stage in the pipeline. */
  constructor(definitions: ReadonlyMap<string, AnyStage>) {
    this.#definitions = definitions;
  }

  async run(task: Task, listener: TaskListener, signal: AbortSignal): Promise<TaskResult> {
    signal.throwIfAborted();
    const definition = this.#definitions.get(task.stage);
    if (definition === undefined) {
      throw new Error(`stage "${task.stage}" has no module, and its definition was not given to the run`);
    }
    let onAbort = (): void => {};
    let patience: NodeJS.Timeout | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => {
        if (task.checkpoints === null) reject(signal.reason);
        else patience = setTimeout(() => reject(signal.reason), STOP_MS);
      };
      signal.addEventListener("abort", onAbort);
    });
    try {
      return await Promise.race([performTask(task, definition, listener, signal), aborted]);
    } catch (error) {
      signal.throwIfAborted();
      throw new DiagnosticError(taskDiagnostics(error, task));
    } finally {
      clearTimeout(patience);
      signal.removeEventListener("abort", onAbort);
    }
  }

  async close(): Promise<void> {}
}
