/** @file The thread that keeps the leases of a process alive, whatever the other threads do. */
import { parentPort } from "node:worker_threads";
import { nodeFs } from "../fs.js";
import { type Lease, type LeaseMessage, readLease, renew } from "./leases.js";

interface Held {
  lease: Lease;
  readonly folder: string;
  readonly timer: NodeJS.Timeout;
}

const held = new Map<string, Held>();

parentPort?.on("message", (message: LeaseMessage) => {
  if (message.type === "hold") {
    const { path, lease, folder, every } = message;
    held.set(path, { lease, folder, timer: setInterval(() => beat(path), every) });
    return;
  }
  const one = held.get(message.path);
  if (message.type === "tell") {
    if (one !== undefined) one.lease = { ...one.lease, progress: message.progress };
    return;
  }
  clearInterval(one?.timer);
  held.delete(message.path);
  if (one !== undefined) quietly(() => drop(message.path, one.lease));
  parentPort?.postMessage(message.path);
});

function beat(path: string): void {
  const one = held.get(path);
  if (one === undefined) return;
  one.lease = { ...one.lease, beat: one.lease.beat + 1 };
  // A disk that fails for a moment costs the lease a beat, and at worst the lease: never the result.
  if (quietly(() => renew(nodeFs, path, one.folder, one.lease)) !== false) return;
  clearInterval(one.timer);
  held.delete(path);
}

function drop(path: string, lease: Lease): void {
  if (readLease(path)?.owner === lease.owner) nodeFs.remove(path);
}

function quietly<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
