/** @file What a lock is. Locks only spare work: nothing is wrong when two hold the same one, or when there are none. */

/** Who holds a lock, and how far what it does has come: what those who wait are told. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Id of the run. */
  readonly run: string;
  /** What it is held for: the name of a stage. */
  readonly stage: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Such as `epoch 3/10`; null when nothing was told yet. */
  readonly progress: string | null;
}

/** A lock that is held. */
export interface Lock {
  /** Tells those who wait how far it has come. */
  tell(progress: string): void;
  release(): Promise<void>;
}

/** One way of locking. */
export interface Locker {
  /** Takes the lock if it is free; null when somebody has it. */
  attempt(name: string, holder: Holder): Promise<Lock | null>;
  /**
   * Waits until the lock may be free, and tells what its holder tells. Resolves early rather than late: the caller tries
   * again. False when the holder gives no sign of life, so that waiting for it makes no sense.
   */
  wait(name: string, onHolder: (holder: Holder) => void, signal: AbortSignal): Promise<boolean>;
  /** The locks that are held. */
  list(): Promise<readonly { readonly name: string; readonly holder: Holder | null }[]>;
}

const FUTILE = 500;

/**
 * Takes a lock, however long that lasts.
 * @returns null when it cannot be had for a reason that has nothing to do with who holds it: the caller goes on without.
 * @throws the reason of `signal` when that aborts.
 */
export async function acquire(
  locker: Locker,
  name: string,
  holder: Holder,
  onHolder: (holder: Holder) => void,
  signal: AbortSignal,
): Promise<Lock | null> {
  // Something that has the name and is no holder must not be asked for ever.
  let futile = 0;
  const heard = (other: Holder): void => {
    futile = 0;
    onHolder(other);
  };
  for (;;) {
    signal.throwIfAborted();
    try {
      const lock = await locker.attempt(name, holder);
      if (lock !== null) return lock;
      if (futile++ > FUTILE || !(await locker.wait(name, heard, signal))) return null;
    } catch {
      signal.throwIfAborted();
      return null;
    }
  }
}

/** The holder that a text from another process describes, or null: it may be of another version, or anything. */
export function parseHolder(text: string): Holder | null {
  try {
    const { pid, host, run, stage, since, progress } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof run !== "string") return null;
    if (typeof stage !== "string" || typeof since !== "string") return null;
    return { pid, host, run, stage, since, progress: typeof progress === "string" ? progress : null };
  } catch {
    return null;
  }
}
