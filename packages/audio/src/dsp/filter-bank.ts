import { kernels } from "./kernels.js";
import type { Filter } from "./mel.js";

/** A bank of filters in the memory of the kernels: pointer and number, see assembly/bank.ts. */
export interface FilterBank {
  readonly at: number;
  readonly filters: number;
}

const kept = new Map<string, FilterBank>();

/** The bank of this name in the memory of the kernels, made when it is first wanted. The name must say all that the filters depend on. */
export function bankOf(name: string, filters: () => readonly Filter[]): FilterBank {
  let bank = kept.get(name);
  if (bank === undefined) {
    bank = keepBank(filters());
    kept.set(name, bank);
  }
  return bank;
}

function keepBank(filters: readonly Filter[]): FilterBank {
  const memory = kernels();
  const at = memory.keep(12 * filters.length);
  for (const [place, { first, weights }] of filters.entries()) {
    const filled = 4 * Math.ceil(weights.length / 4);
    const pointer = memory.keep(4 * filled);
    const values = memory.floats(pointer, filled).fill(0);
    values.set(weights);
    memory.integers(at + 12 * place, 3).set([first, filled, pointer]);
  }
  return { at, filters: filters.length };
}
