import type { Columns } from "../dataset/columns.js";
import type { Registry, RegistryEntry } from "../registry/registry.js";
import type { DatasetPort } from "../stages/ports.js";
import { isDataset } from "./describe-ports.js";

const LONGEST = 4;

/**
 * The shortest chain of stages that makes the wanted columns out of those that are there: what to put between two
 * stages that do not fit. Undefined when no chain of at most four stages does.
 */
export function bridge(registry: Registry, available: Columns, wanted: Columns): readonly string[] | undefined {
  const steps = registry.ids
    .map((id) => registry.entry(id)!)
    .filter((entry) => entry.info.kind !== "stage")
    .filter((entry) => isDataset(entry.inputs.data) && isDataset(entry.outputs.data));
  let front: { chain: readonly string[]; columns: Columns }[] = [{ chain: [], columns: available }];
  const seen = new Set([signature(available)]);
  for (let length = 0; length < LONGEST; length++) {
    const next: typeof front = [];
    for (const { chain, columns } of front) {
      for (const entry of steps) {
        const after = apply(entry, columns);
        if (after === undefined || seen.has(signature(after))) continue;
        seen.add(signature(after));
        const longer = { chain: [...chain, entry.info.id], columns: after };
        if (covers(after, wanted)) return longer.chain;
        next.push(longer);
      }
    }
    front = next;
  }
  return undefined;
}

/** Whether all the wanted columns are there, with their types. */
export function covers(available: Columns, wanted: Columns): boolean {
  return Object.entries(wanted).every(([name, type]) => available[name] === type);
}

function apply(entry: RegistryEntry, columns: Columns): Columns | undefined {
  const input = entry.inputs.data as DatasetPort;
  if (!covers(columns, input.columns)) return undefined;
  if (input.oneOf !== undefined && !input.oneOf.some((group) => covers(columns, group))) return undefined;
  return { ...columns, ...(entry.outputs.data as DatasetPort).columns };
}

function signature(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name}:${type}`)
    .sort()
    .join();
}
