import type { Readable } from "node:stream";

/** `ac`: results by key (the action cache of Bazel). `cas`: files by their SHA-256 (content-addressable storage). */
export type Area = "ac" | "cas";

/** Bytes on their way from a remote cache. */
export interface Received {
  /** What the remote says: it may lie, so it is only good for refusing early. */
  readonly size: number | null;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Bytes to be stored. They may be asked for more than once. */
export interface Sent {
  readonly size: number;
  /** SHA-256 of the bytes. */
  readonly digest: string;
  open(): Readable;
}

/**
 * A place that others can reach: names are 64 hexadecimal digits. All of it may fail at any time with
 * {@link RemoteProblem}; `signal` ends waiting.
 */
export interface RemoteStorage {
  /** How people call it. Without anything secret. */
  readonly label: string;
  /** The size of what is there, -1 where the remote does not say; null when it is not there. */
  find(area: Area, name: string, signal: AbortSignal): Promise<number | null>;
  /** Null when it is not there. */
  read(area: Area, name: string, signal: AbortSignal): Promise<Received | null>;
  /** Stores it unless something has this name: false then. */
  write(area: Area, name: string, sent: Sent, signal: AbortSignal): Promise<boolean>;
}

/**
 * Why a remote cache did not help. `unavailable`: it may later. `denied`: it will not, with these credentials. `wrong`: what
 * it gave is not what was asked for. `untrusted`: nobody that is trusted vouches for it. `local`: this machine is at fault.
 */
export class RemoteProblem extends Error {
  override readonly name = "RemoteProblem";
  readonly kind: "unavailable" | "denied" | "wrong" | "untrusted" | "local";

  constructor(kind: RemoteProblem["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}
