/** @file Chooses how a store is locked. */
import { createHash } from "node:crypto";
import { statfsSync, statSync } from "node:fs";
import type { Store } from "../store.js";
import { LeaseLocker } from "./leases.js";
import type { Holder, Locker } from "./lock.js";
import { SocketLocker, systemAddresses } from "./sockets.js";

/** File systems that other machines may be on: NFS, SMB, CIFS, FUSE, 9p, Ceph, Lustre, AFS, GPFS, VirtualBox. */
const SHARED: ReadonlySet<number> = new Set([
  0x6969, 0xfe534d42, 0xff534d42, 0x517b, 0x65735546, 0x01021997, 0x00c36400, 0x0bd00bd0, 0x5346414f, 0x47504653,
  0x786f4256,
]);

/**
 * The locks of a store: by sockets of the kernel; by leases where other machines may use the folder too. `SEQLOOM_LOCKS`
 * says which (`socket`, `lease`, `off`), for what cannot be seen from here.
 * @returns null when nothing is to be locked.
 */
export function openLocker(
  store: Store,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Locker | null {
  const wanted = environment.SEQLOOM_LOCKS;
  if (wanted === "off") return null;
  if (wanted === "lease" || (wanted !== "socket" && isShared(store.directory))) return new LeaseLocker(store);
  return new SocketLocker(systemAddresses(storeId(store)));
}

/** Locks on what belongs to the machine, whatever the store: a graphics processor. */
export function machineLocker(): Locker {
  return new SocketLocker(systemAddresses("machine"));
}

/** What holds a lock of this store, and of the machine. */
export async function listLocks(store: Store): Promise<{ readonly name: string; readonly holder: Holder | null }[]> {
  const lockers = [openLocker(store), machineLocker()];
  return (await Promise.all(lockers.map(async (locker) => (await locker?.list()) ?? []))).flat();
}

/** The same for every path that leads to the folder. */
function storeId(store: Store): string {
  const found = statSync(store.directory, { bigint: true, throwIfNoEntry: false });
  return createHash("sha256").update(`${found?.dev}:${found?.ino}`).digest("hex").slice(0, 16);
}

function isShared(directory: string): boolean {
  try {
    return SHARED.has(statfsSync(directory).type >>> 0);
  } catch {
    return false;
  }
}
