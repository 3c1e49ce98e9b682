/** @file Before anything computes: what the store holds for it must be what was stored, byte for byte. */
import type { PlanNode } from "../plan/plan.js";
import type { Planner } from "../plan/planner.js";
import { damagedFiles } from "../store/sound.js";
import type { Store } from "../store/store.js";

/** A node with what the plan says of it. */
export interface Assessed {
  planned: PlanNode;
  /** When assessing began, milliseconds after the run did, and how long it took. */
  readonly startMs: number;
  readonly ms: number;
}

/**
 * Reads the stored inputs of every stage that will run and compares them with their digests. A damaged one is taken out of
 * the store, and its producer planned anew: it will run in this same run. Hits that nothing reads are not looked into.
 * @param sound digests of blobs that need not be read again; those that are found sound are added
 */
export async function verifyInputs(
  assessed: readonly Assessed[],
  planner: Planner,
  store: Store,
  signal: AbortSignal,
  sound: Set<string>,
): Promise<void> {
  const byName = new Map(assessed.map((one) => [one.planned.node.name, one]));
  // From the last to the first: a producer that turns out to run has inputs of its own, which come before it.
  for (const { planned } of assessed.toReversed()) {
    if (planned.status === "hit") continue;
    for (const { stage, port } of Object.values(planned.node.inputs)) {
      const producer = byName.get(stage);
      if (producer?.planned.status !== "hit") continue;
      const files = producer.planned.entry.outputs[port]?.files ?? [];
      const damaged = await damagedFiles(store, files, sound, signal);
      if (damaged.length === 0) continue;
      for (const digest of damaged) store.quarantineBlob(digest);
      producer.planned = await planner.assess(producer.planned.node, (name) => {
        const before = byName.get(name)?.planned;
        return before?.status === "hit" ? before.entry.outputs : undefined;
      });
    }
  }
}
