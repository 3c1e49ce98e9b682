/**
 * @file While the digest of a large file is computed for the key of the stage that reads it, another core finds the pieces of
 * the file already. A file whose digest is not known is new, so the stage will most likely run; else it was for nothing.
 */
import { type BigIntStats, statSync } from "node:fs";
import { type FoundFile, findFiles } from "../files/find.js";
import { isSettled } from "../files/settled.js";
import type { StageNode } from "../pipeline/pipeline.js";
import type { Store } from "../store/store.js";
import type { LargeFile } from "./early.js";
import { stageEnvironment } from "./stage-environment.js";
import type { TaskEvent, TaskListener, TaskResult } from "./task.js";
import { ThreadExecutor } from "./threads.js";

/** Where to look ahead. */
export interface LookAheadScope {
  readonly directory: string;
  readonly store: Store;
  readonly device: string;
  readonly threads: number | undefined;
  readonly signal: AbortSignal;
}

/** Finding the pieces of one file. */
export class LookAhead {
  /** Those that it uses: for the stage itself, too. */
  readonly threads: ThreadExecutor;
  readonly #node: StageNode;
  readonly #path: string;
  readonly #state: string;
  readonly #close: () => void;
  readonly #finding: Promise<TaskResult>;
  readonly #heard: TaskEvent[] = [];
  #listener: TaskListener | null = null;

  private constructor(node: StageNode, group: string, file: FoundFile, state: string, scope: LookAheadScope) {
    const { store, device, threads, signal } = scope;
    this.#node = node;
    this.#path = file.path;
    this.#state = state;
    const out = store.begin();
    this.#close = () => store.discard(out);
    this.threads = new ThreadExecutor(stageEnvironment(threads));
    const task = {
      stage: node.name,
      use: node.stage.id,
      at: node.at,
      module: node.stage.module,
      params: node.params,
      seed: node.seed,
      columns: node.columns,
      device,
      work: { kind: "pieces", digests: false },
      profile: false,
      traceInputs: false,
      inputs: {},
      files: { [group]: [{ ...file, digest: "" }] },
      outputs: node.outputs,
      checkpoints: null,
      out,
      store: store.directory,
    } as const;
    this.#finding = this.threads.run(task, (event) => this.#hear(event), signal);
    // What is found new will be computed on this core and on another.
    if (node.stage.module !== null) this.threads.prepare(node.stage.module);
    // Told to whoever follows.
    this.#finding.catch(() => {});
  }

  /** Null where it cannot be: the file was written a moment ago, or the store cannot be written. */
  static async begin(node: StageNode, { group, pattern }: LargeFile, scope: LookAheadScope): Promise<LookAhead | null> {
    try {
      const [file] = [await findFiles(pattern, scope.directory)].flat() as [FoundFile];
      const stats = statSync(file.path, { bigint: true });
      if (!isSettled(stats, BigInt(Date.now()) * 1_000_000n)) return null;
      return new LookAhead(node, group, file, stateOf(stats), scope);
    } catch {
      return null;
    }
  }

  /**
   * Tells what was found so far, and then what is found. Null where that is of no use: for another stage, or because the file
   * changed meanwhile.
   */
  follow(node: StageNode, listener: TaskListener): Promise<TaskResult> | null {
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (node !== this.#node || this.#listener !== null || stats === undefined || stateOf(stats) !== this.#state) {
      return null;
    }
    this.#listener = listener;
    for (const event of this.#heard) listener(event);
    return this.#finding;
  }

  /** What it wrote goes, and its threads end. */
  async close(): Promise<void> {
    await this.threads.close();
    this.#close();
  }

  #hear(event: TaskEvent): void {
    if (this.#listener === null) this.#heard.push(event);
    else this.#listener(event);
  }
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}
