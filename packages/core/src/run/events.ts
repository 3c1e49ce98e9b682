import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Reason } from "../keys/reason.js";
import type { EpochMetrics, ProfileRow, Progress } from "../stages/context.js";
import type { Holder } from "../store/locks/lock.js";
import type { EpochRecord, RunRecord, StageResult } from "./record.js";

/** What happens during a run, as it happens. A closed union: the terminal, the log file and the report are listeners. */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly run: string;
      readonly pipeline: string;
      readonly stages: readonly string[];
    }
  /** Another process computes the same result, or uses the device: told again whenever it tells how far it is. */
  | { readonly type: "stage-waiting"; readonly stage: string; readonly holder: Holder }
  | { readonly type: "stage-started"; readonly stage: string; readonly reasons: readonly Reason[] }
  | { readonly type: "stage-progress"; readonly stage: string; readonly progress: Progress }
  | {
      readonly type: "stage-epoch";
      readonly stage: string;
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: EpochMetrics;
      /** Wall time of this epoch, milliseconds. */
      readonly ms: number;
    }
  /** The stage goes on from what an earlier run kept: `from` says from where, such as `epoch 3`. */
  | {
      readonly type: "stage-resumed";
      readonly stage: string;
      readonly from: string;
      readonly epochs: readonly EpochRecord[];
    }
  /** A checkpoint was kept. */
  | { readonly type: "stage-checkpoint"; readonly stage: string; readonly at: string }
  | { readonly type: "stage-log"; readonly stage: string; readonly message: string }
  | { readonly type: "stage-profile"; readonly stage: string; readonly rows: readonly ProfileRow[] }
  | { readonly type: "stage-warning"; readonly stage: string; readonly diagnostic: Diagnostic }
  | { readonly type: "stage-finished"; readonly stage: string; readonly result: StageResult }
  /** Results went from the store, because it had become too large. Sizes are bytes. */
  | { readonly type: "collected"; readonly results: number; readonly freed: number; readonly maxBytes: number | null }
  | { readonly type: "interrupting"; readonly running: readonly string[] }
  | { readonly type: "run-finished"; readonly record: RunRecord };

/** Hears every event of a run. It must not throw. */
export type RunListener = (event: RunEvent) => void;
