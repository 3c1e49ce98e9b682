import { byCodeUnit, canonicalText } from "../keys/canonical.js";
import type { KeyRecord } from "../keys/record.js";

/** Parts of a record beside its parameters; the names of those are one. */
const FIXED = 10;

/**
 * Tells which key records are equal without encoding each: their parts are numbered, equal ones alike, and records are
 * compared by these numbers. Points of a sweep have nearly all of these parts in common.
 */
export class Alike {
  /** What is frozen, and plain values, by identity. */
  readonly #numbers = new Map<unknown, number>();
  readonly #texts = new Map<string, number>();
  readonly #orders = new Map<string, readonly string[]>();
  readonly #records = new Map<string, number>();
  #parts = new Uint32Array(FIXED);

  /** One number for equal records, another for others. Their inputs are left out. */
  of({ stage, code, packages, params, columns, files, env, outputs, seed, runtime }: KeyRecord): number {
    const names = this.#sorted(Object.keys(params));
    if (this.#parts.length < names.length + FIXED) this.#parts = new Uint32Array(names.length + FIXED);
    const parts = this.#parts;
    let length = 0;
    for (const part of [stage, code, packages, columns, files, env ?? null, outputs, seed, runtime, names]) {
      parts[length++] = this.#number(part);
    }
    for (const name of names) parts[length++] = this.#number(params[name]);
    const text = Buffer.from(parts.buffer, 0, length * parts.BYTES_PER_ELEMENT).toString("latin1");
    const known = this.#records.get(text) ?? this.#records.size;
    this.#records.set(text, known);
    return known;
  }

  /** One number for equal values, another for others. -0 is no value of a pipeline: see `frozen`. */
  #number(value: unknown): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const text = canonicalText(value);
    const number = this.#texts.get(text) ?? this.#texts.size;
    this.#texts.set(text, number);
    if (typeof value !== "object" || Object.isFrozen(value)) this.#numbers.set(value, number);
    return number;
  }

  #sorted(names: readonly string[]): readonly string[] {
    const text = names.join("\n");
    const known = this.#orders.get(text);
    if (known !== undefined) return known;
    const sorted = Object.freeze(names.toSorted(byCodeUnit));
    this.#orders.set(text, sorted);
    return sorted;
  }
}
