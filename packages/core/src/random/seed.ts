import { hash } from "node:crypto";

declare const seedBrand: unique symbol;

/** 16 hexadecimal digits: the 64-bit key of a Philox stream. */
export type Seed = string & { readonly [seedBrand]: true };

/** The seed of a whole pipeline, from the number in its file. */
export function rootSeed(number: number): Seed {
  return hashSeed("seqloom", String(number));
}

/** A seed that depends on a parent and a name, and on nothing else: H(parent, name). */
export function hashSeed(parent: string, name: string): Seed {
  return hash("sha256", `${parent.length}:${parent}${name}`, "hex").slice(0, 16) as Seed;
}
