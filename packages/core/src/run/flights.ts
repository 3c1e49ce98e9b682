import { hostname } from "node:os";
import type { Key, RunId } from "../brands.js";
import type { StageNode } from "../pipeline/pipeline.js";
import { acquire, type Holder, type Lock, type Locker } from "../store/locks/lock.js";
import { machineLocker, openLocker } from "../store/locks/open.js";
import type { Store } from "../store/store.js";
import type { RunEvent, RunListener } from "./events.js";

/** What a run holds while it computes one result. */
export interface Flight {
  release(): Promise<void>;
}

/** Devices of which a machine has few, and on which two models at once fail for want of memory. */
const EXCLUSIVE_DEVICES: ReadonlySet<string> = new Set(["tensorflow", "webgpu"]);

/** Sees to it that processes do not compute the same result at the same time. */
export class Flights {
  readonly #run: RunId;
  readonly #device: string;
  readonly #emit: RunListener;
  readonly #signal: AbortSignal;
  readonly #locker: Locker | null;
  readonly #locks = new Map<string, Lock>();

  constructor(scope: {
    readonly store: Store;
    readonly run: RunId;
    readonly device: string;
    readonly emit: RunListener;
    readonly signal: AbortSignal;
  }) {
    this.#locker = openLocker(scope.store);
    this.#run = scope.run;
    this.#device = scope.device;
    this.#emit = scope.emit;
    this.#signal = scope.signal;
  }

  /** Waits until no other process computes this result, and none the device that the stage needs. */
  async enter(node: StageNode, key: Key): Promise<Flight> {
    const holder: Holder = {
      pid: process.pid,
      host: hostname(),
      run: this.#run,
      stage: node.name,
      since: new Date().toISOString(),
      progress: null,
    };
    const wait = (other: Holder): void => this.#emit({ type: "stage-waiting", stage: node.name, holder: other });
    const locker = this.#locker;
    const own = locker === null ? null : await acquire(locker, key.slice(0, 32), holder, wait, this.#signal);
    if (own !== null) this.#locks.set(node.name, own);
    let device: Lock | null = null;
    const release = async (): Promise<void> => {
      this.#locks.delete(node.name);
      await Promise.all([own?.release(), device?.release()]);
    };
    try {
      if (node.stage.usesDevice && EXCLUSIVE_DEVICES.has(this.#device)) {
        device = await acquire(machineLocker(), `device-${this.#device}`, holder, wait, this.#signal);
      }
    } catch (error) {
      await release();
      throw error;
    }
    return { release };
  }

  /** Tells those who wait how far a stage is. */
  hear(event: RunEvent): void {
    if (event.type === "stage-epoch") {
      this.#locks.get(event.stage)?.tell(`epoch ${event.epoch}/${event.epochs}`);
    } else if (event.type === "stage-progress") {
      const { done, total, unit } = event.progress;
      if (unit !== "batches") this.#locks.get(event.stage)?.tell(total === undefined ? `${done}` : `${done}/${total}`);
    }
  }
}
