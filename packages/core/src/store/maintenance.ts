/** @file Looking after a store: what it takes, whether it is sound. Nothing of this is loaded by a run with nothing to do. */
export { type Checked, checkStore, type Damage } from "./check.js";
export { type Usage, type UsageLine, usageOf } from "./usage.js";
