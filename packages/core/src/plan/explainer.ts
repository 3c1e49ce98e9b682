import type { Key } from "../brands.js";
import { changedFields, explainDifference, type FileNames } from "../keys/explain.js";
import type { Reason } from "../keys/reason.js";
import type { KeyRecord } from "../keys/record.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import { codeParts } from "../store/code.js";
import type { StoredKey } from "../store/entry.js";
import { type LastKeys, lastKeys, recentKeys } from "../store/history.js";
import type { Store } from "../store/store.js";

/** Says why stages run: by comparing the records of their keys with those that the store has. */
export class Explainer {
  readonly #pipeline: Pipeline;
  readonly #store: Store;
  readonly #last: LastKeys;

  constructor(pipeline: Pipeline, store: Store) {
    this.#pipeline = pipeline;
    this.#store = store;
    this.#last = lastKeys(store, pipeline.name);
  }

  /** Against the key that this stage had last; else against the nearest key of a stage of the same id. */
  explain(node: StageNode, record: KeyRecord, after: FileNames): readonly Reason[] {
    const own = Object.hasOwn(this.#last, node.name) ? this.#store.storedKey(this.#last[node.name]) : null;
    const before = own ?? this.#nearest(node, record);
    const reasons = before === null ? [] : this.#difference(before, node, record, after);
    return reasons.length > 0 ? reasons : [{ kind: "never-run" }];
  }

  #difference(before: StoredKey, { stage }: StageNode, record: KeyRecord, after: FileNames): readonly Reason[] {
    const code = () => {
      const old = codeParts(this.#store, before.record.code.hash);
      const own = codeParts(this.#store, record.code.hash, stage.code);
      return old === null || own === null ? null : { before: old, after: own };
    };
    return explainDifference(before.record, record, { before: before.files, after, code });
  }

  /**
   * A stage that was renamed, or that another pipeline has too, differs from its old self in one thing. More than that is
   * no explanation but a coincidence. Keys that other stages of this pipeline have now are theirs.
   */
  #nearest(node: StageNode, record: KeyRecord): StoredKey | null {
    const names = new Set(this.#pipeline.nodes.map(({ name }) => name));
    const taken = new Set(Object.entries(this.#last).flatMap(([name, key]): Key[] => (names.has(name) ? [key] : [])));
    for (const key of recentKeys(this.#store, node.stage.id)) {
      if (taken.has(key)) continue;
      const stored = this.#store.storedKey(key);
      if (stored !== null && changedFields(stored.record, record).length === 1) return stored;
    }
    return null;
  }
}
