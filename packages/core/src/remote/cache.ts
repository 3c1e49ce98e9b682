/** @file The remote cache as a run sees it: asked for what the store lacks, given what was computed, never in the way. */
import type { Key } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { Budget } from "../run/budget.js";
import type { Entry } from "../store/entry.js";
import type { Store } from "../store/store.js";
import { Breaker } from "./breaker.js";
import { type DownloadLimits, downloadResult } from "./download.js";
import type { Signer, Trust } from "./signature.js";
import { RemoteProblem, type RemoteStorage } from "./storage.js";
import { uploadResult } from "./upload.js";

/** What a remote cache did in a run. */
export interface RemoteSummary {
  /** The address, without anything secret. */
  readonly remote: string;
  readonly hits: number;
  readonly downloadedBytes: number;
  readonly published: number;
  readonly uploadedBytes: number;
  /** Results that the remote had already when they were to be published. */
  readonly alreadyThere: number;
  /** Results that were not used: damaged, not signed, signed by a stranger. */
  readonly refused: number;
  /** Results that were not published: no time, no room, no answer. */
  readonly notPublished: number;
}

/** What a remote cache may do. */
export interface RemoteOptions extends DownloadLimits {
  readonly trust: Trust;
  /** Whether results are published, and by whom. */
  readonly write: { readonly signer: Signer | null } | null;
  /** Milliseconds that the end of a run waits for what is still to be published. */
  readonly flush: number;
}

/** Results that wait to be published; more are not kept. */
const LONGEST_QUEUE = 256;
/** Results that are published at the same time. */
const AT_ONCE = 2;

/** Results that are fetched at the same time. */
const FETCHES = 4;

/** Used by one run. No method of it throws for anything that the remote does. */
export class RemoteCache {
  readonly #storage: RemoteStorage;
  readonly #store: Store;
  readonly #options: RemoteOptions;
  readonly #breaker = new Breaker();
  readonly #problems = new Map<string, { readonly message: string; count: number }>();
  readonly #stop = new AbortController();
  readonly #queue: Entry[] = [];
  readonly #workers = new Set<Promise<void>>();
  readonly #turns = new Budget(FETCHES);
  #asked = 0;
  #denied = false;
  #counts = {
    hits: 0,
    downloadedBytes: 0,
    published: 0,
    uploadedBytes: 0,
    alreadyThere: 0,
    refused: 0,
    notPublished: 0,
  };

  constructor(storage: RemoteStorage, store: Store, options: RemoteOptions) {
    this.#storage = storage;
    this.#store = store;
    this.#options = options;
  }

  /**
   * The result of a key, brought into the store; null when it has to be computed.
   * @throws the reason of `signal` when that aborts.
   */
  async fetch(key: Key, signal: AbortSignal): Promise<Entry | null> {
    const release = await this.#turns.acquire(1, this.#asked++);
    try {
      return await this.#fetch(key, signal);
    } finally {
      release();
    }
  }

  async #fetch(key: Key, signal: AbortSignal): Promise<Entry | null> {
    signal.throwIfAborted();
    if (!this.#available()) return null;
    const { trust } = this.#options;
    try {
      const found = await downloadResult(this.#storage, this.#store, key, trust, this.#options, signal);
      this.#breaker.succeeded();
      if (found === null) return null;
      this.#counts.hits++;
      this.#counts.downloadedBytes += found.bytes;
      return found.entry;
    } catch (error) {
      if (signal.aborted) throw error;
      const problem = problemOf(error);
      if (problem.kind === "wrong" || problem.kind === "untrusted") this.#counts.refused++;
      this.#failed(problem);
      return null;
    }
  }

  /** Takes note of a result that was computed: it is published while the run goes on. */
  publish(entry: Entry): void {
    if (this.#options.write === null) return;
    if (this.#queue.length >= LONGEST_QUEUE) {
      this.#counts.notPublished++;
      return;
    }
    this.#queue.push(entry);
    if (this.#workers.size >= AT_ONCE) return;
    const worker = this.#work().finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
  }

  /** Waits for what is being published, up to the limit, or until `signal` aborts; tells what was done and what went wrong. */
  async close(
    signal: AbortSignal,
  ): Promise<{ readonly summary: RemoteSummary; readonly diagnostics: readonly Diagnostic[] }> {
    const late = new RemoteProblem("unavailable", "it was too slow to take all results before the run ended");
    const timer = setTimeout(() => this.#stop.abort(late), this.#options.flush);
    const onAbort = (): void => this.#stop.abort(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    while (this.#workers.size > 0) await Promise.all(this.#workers);
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    return { summary: { remote: this.#storage.label, ...this.#counts }, diagnostics: this.#diagnostics() };
  }

  async #work(): Promise<void> {
    for (let entry = this.#queue.shift(); entry !== undefined; entry = this.#queue.shift()) {
      if (!(await this.#publishOne(entry))) this.#counts.notPublished++;
    }
  }

  /** Whether the remote has the result now. */
  async #publishOne(entry: Entry): Promise<boolean> {
    const { write, timeout } = this.#options;
    if (this.#stop.signal.aborted || !this.#available()) return false;
    try {
      const signer = write?.signer ?? null;
      const done = await uploadResult(this.#storage, this.#store, entry, signer, timeout, this.#stop.signal);
      this.#breaker.succeeded();
      if (done === null) return false;
      this.#counts[done.there ? "alreadyThere" : "published"]++;
      this.#counts.uploadedBytes += done.bytes;
      return true;
    } catch (error) {
      const aborted = this.#stop.signal.aborted;
      if (!aborted || error instanceof RemoteProblem) this.#failed(problemOf(error));
      return false;
    }
  }

  #available(): boolean {
    return !this.#denied && this.#breaker.allows();
  }

  #failed(problem: RemoteProblem): void {
    const { kind, message } = problem;
    const known = this.#problems.get(message);
    if (known === undefined) this.#problems.set(message, { message, count: 1 });
    else known.count++;
    if (kind === "denied") this.#denied = true;
    if (kind === "unavailable" || kind === "wrong") this.#breaker.failed();
  }

  /** One warning, however much went wrong: a person wants to know that it did, and what first. */
  #diagnostics(): Diagnostic[] {
    const all = [...this.#problems.values()];
    if (all.length === 0) return [];
    const shown = all.slice(0, 3).map(({ message, count }) => (count > 1 ? `${message} (${count} times)` : message));
    const more = all.length > 3 ? `; and ${all.length - 3} more` : "";
    const off = this.#denied ? "It was not asked again. " : this.#breaker.opened > 0 ? "It was left alone then. " : "";
    return [
      {
        code: "remote-cache",
        severity: "warning",
        message: `the remote cache ${this.#storage.label} did not help everywhere: ${shown.join("; ")}${more}`,
        hint: `${off}What it did not give was computed; no result depends on it.`,
      },
    ];
  }
}

/** What is not a problem of the remote is one of this machine: it must not fail the run either. */
function problemOf(error: unknown): RemoteProblem {
  if (error instanceof RemoteProblem) return error;
  return new RemoteProblem("local", (error as Error).message);
}
