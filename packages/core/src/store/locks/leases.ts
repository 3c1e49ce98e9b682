/**
 * @file Locks by files, for a folder that several machines share: they see no socket of each other. A lease is kept alive
 * by a thread of its own, so that a busy process does not lose it; one whose count stands still is taken over. Those who
 * wait count their own looks: no clock is compared with another, so clocks may differ and go back.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { errorCode, type StoreFs } from "../fs.js";
import { isDead, ownerToken, stagingName } from "../owner.js";
import { readText, type Store } from "../store.js";
import { type Holder, type Lock, type Locker, parseHolder } from "./lock.js";

/** What a lease file says. */
export interface Lease extends Holder {
  /** {@link ownerToken}, and something that no other lease has. */
  readonly owner: string;
  /** Grows for as long as the holder lives. */
  readonly beat: number;
}

/** Milliseconds. */
export interface LeaseTimes {
  /** Between two beats. */
  readonly beat: number;
  /** A count that stood still for so long is that of a dead process. */
  readonly dead: number;
  /** Between two looks. */
  readonly look: number;
}

const TIMES: LeaseTimes = { beat: 3_000, dead: 20_000, look: 500 };

/** What the thread is told. */
export type LeaseMessage =
  | {
      readonly type: "hold";
      readonly path: string;
      readonly lease: Lease;
      readonly folder: string;
      readonly every: number;
    }
  | { readonly type: "tell"; readonly path: string; readonly progress: string }
  | { readonly type: "drop"; readonly path: string };

/** Locks by lease files in `locks/` of the store. */
export class LeaseLocker implements Locker {
  readonly #store: Store;
  readonly #times: LeaseTimes;
  #worker: Worker | undefined;
  readonly #dropped = new Map<string, () => void>();

  constructor(store: Store, times: LeaseTimes = TIMES) {
    this.#store = store;
    this.#times = times;
  }

  async attempt(name: string, holder: Holder): Promise<Lock | null> {
    const path = this.#path(name);
    const lease: Lease = { ...holder, owner: stagingName(), beat: 0 };
    if (!this.#claim(path, lease)) return null;
    this.#send({ type: "hold", path, lease, folder: this.#store.path("tmp"), every: this.#times.beat });
    return {
      tell: (progress) => this.#send({ type: "tell", path, progress }),
      release: () =>
        new Promise((resolve) => {
          this.#dropped.set(path, resolve);
          this.#send({ type: "drop", path });
        }),
    };
  }

  async wait(name: string, onHolder: (holder: Holder) => void, signal: AbortSignal): Promise<boolean> {
    const path = this.#path(name);
    let seen: Lease | null = null;
    // Counted in looks: while this process itself is stopped, nobody grows older.
    let still = 0;
    for (;;) {
      const lease = readLease(path);
      if (lease === null) return true;
      still = seen?.owner === lease.owner && seen.beat === lease.beat ? still + 1 : 0;
      if (seen?.owner !== lease.owner || seen.progress !== lease.progress) onHolder(lease);
      seen = lease;
      if (isDead(lease.owner) === true || still * this.#times.look > this.#times.dead) {
        // Two that wait may both remove it, and the second that of the first: then both compute, and nothing is wrong.
        this.#store.fs.remove(path);
        return true;
      }
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, this.#times.look);
        signal.addEventListener("abort", done);
      });
      signal.throwIfAborted();
    }
  }

  async list(): Promise<readonly { readonly name: string; readonly holder: Holder | null }[]> {
    let names: string[];
    try {
      names = readdirSync(this.#store.path("locks"));
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const lease = readLease(this.#path(name));
      return lease === null || isDead(lease.owner) === true ? [] : [{ name, holder: lease }];
    });
  }

  #path(name: string): string {
    return this.#store.path("locks", name);
  }

  /** By a link, which fails when the name is taken; where there are no links, by a look and a rename. */
  #claim(path: string, lease: Lease): boolean {
    const { fs } = this.#store;
    const staged = this.#store.path("tmp", lease.owner);
    fs.makeFolder(this.#store.path("locks"));
    fs.makeFolder(this.#store.path("tmp"));
    fs.write(staged, JSON.stringify(lease));
    try {
      fs.link(staged, path);
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST" || readText(path) !== null) return false;
      fs.move(staged, path);
      return true;
    } finally {
      fs.remove(staged);
    }
  }

  #send(message: LeaseMessage): void {
    if (this.#worker === undefined) {
      this.#worker = new Worker(new URL("./lease-worker.js", import.meta.url));
      this.#worker.on("message", (path: string) => {
        this.#dropped.get(path)?.();
        this.#dropped.delete(path);
        if (this.#dropped.size === 0) this.#worker?.unref();
      });
      // The thread is gone: its leases run out by themselves.
      this.#worker.on("error", () => {
        for (const resolve of this.#dropped.values()) resolve();
        this.#dropped.clear();
        this.#worker = undefined;
      });
    }
    // While a lease is being dropped, its answer is waited for; otherwise the thread keeps no process alive.
    if (message.type === "drop") this.#worker.ref();
    else if (this.#dropped.size === 0) this.#worker.unref();
    this.#worker.postMessage(message);
  }
}

/** The lease in a file; null when there is none, or none that can be read. */
export function readLease(path: string): Lease | null {
  try {
    const text = readText(path) ?? "";
    const holder = parseHolder(text);
    const { owner, beat } = JSON.parse(text) as Partial<Lease>;
    return holder === null || typeof owner !== "string" || typeof beat !== "number" ? null : { ...holder, owner, beat };
  } catch {
    return null;
  }
}

/** Writes a lease anew, unless another has taken it over. */
export function renew(fs: StoreFs, path: string, folder: string, lease: Lease): boolean {
  if (readLease(path)?.owner !== lease.owner) return false;
  const staged = join(folder, `${lease.owner}.beat`);
  fs.write(staged, JSON.stringify(lease));
  fs.move(staged, path);
  return true;
}
