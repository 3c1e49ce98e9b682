import type { Key } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { FileNames } from "../keys/explain.js";
import type { Reason } from "../keys/reason.js";
import type { KeyRecord, Runtime } from "../keys/record.js";
import type { StageNode } from "../pipeline/pipeline.js";
import type { StoredOutput } from "../run/record.js";
import type { Entry } from "../store/entry.js";
import type { Held, Selection } from "./select.js";

/** The artifacts that a stage gave, by port. */
export type Outputs = Readonly<Record<string, StoredOutput>>;

/**
 * What will become of a stage. `unknown`: it depends on a stage that will run, and whose result may turn out to be the
 * same as before; nothing can be said until then. `broken`: its files cannot be read, or it must not run and has no result.
 */
export type PlanNode =
  | {
      readonly status: "hit";
      readonly node: StageNode;
      readonly key: Key;
      readonly record: KeyRecord;
      readonly entry: Entry;
    }
  | {
      readonly status: "run";
      readonly node: StageNode;
      readonly key: Key;
      readonly record: KeyRecord;
      readonly fileNames: FileNames;
      readonly reasons: readonly Reason[];
    }
  | { readonly status: "unknown"; readonly node: StageNode; readonly reasons: readonly Reason[] }
  | {
      readonly status: "broken";
      readonly node: StageNode;
      /** Why it must not run, where that is what is wrong. */
      readonly held?: Held;
      readonly diagnostics: readonly Diagnostic[];
    };

/** What a run would do now, stage by stage, in topological order. */
export interface Plan {
  readonly pipeline: string;
  readonly nodes: readonly PlanNode[];
  /** Milliseconds of computing that the hits save. */
  readonly savedMs: number;
}

/** What to plan. */
export interface PlanOptions extends Selection {
  /** The device that models run on. */
  readonly device?: string | undefined;
  /** Replaces what this process says of its Unicode tables: for tests. */
  readonly runtime?: Runtime | undefined;
  readonly signal?: AbortSignal | undefined;
}
