import type { Key } from "../brands.js";
import type { Budget } from "./budget.js";
import type { StageResult } from "./record.js";

/** What runs that go on at the same time in one process share, so that together they do nothing twice. */
export interface SharedWork {
  readonly budget: Budget;
  /** Key → the stage that computed it, or is computing it now. */
  readonly flights: Map<Key, Promise<StageResult>>;
  /** Digests of blobs whose bytes were compared with them. */
  readonly sound: Set<string>;
  /** Folder → whether its repository differs from its commit: asked once for all of them. */
  readonly dirty: Map<string, Promise<boolean | undefined>>;
  /** Among stages that wait for cores, those of the run with the least go first. */
  readonly order: number;
}
