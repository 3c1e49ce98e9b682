/** @file Looking after a store: what it takes, whether it is sound, who uses it. Nothing of this is loaded by a run with nothing to do. */
export { type Checked, checkStore, type Damage } from "./check.js";
export { type Collected, type CollectOptions, collect } from "./gc.js";
export type { Evicted } from "./inventory.js";
export { type Limits, limitsOf, parseSize } from "./limits.js";
export { LeaseLocker, type LeaseTimes } from "./locks/leases.js";
export { acquire, type Holder, type Lock, type Locker } from "./locks/lock.js";
export { listLocks, openLocker } from "./locks/open.js";
export { fileAddresses, SocketLocker, systemAddresses } from "./locks/sockets.js";
export { pinnedRuns, pinRun, unpinRun } from "./pins.js";
export { isDue } from "./size.js";
export { type Usage, type UsageLine, usageOf } from "./usage.js";
