/** @file Directions of bias in word vectors (Bolukbasi et al. 2016). All vectors have length 1. */
import { product } from "./words.js";

type Vector = ArrayLike<number>;

const TURNS = 100;

/** The direction in which pairs differ most: the first principal component of their halves. Null where they do not differ. */
export function biasDirection(pairs: readonly (readonly [Vector, Vector])[]): Float64Array | null {
  const differences = pairs.map(([a, b]) => Float64Array.from(a, (value, i) => value - b[i]));
  let direction = unit(differences.reduce((sum, difference) => sum.map((value, i) => value + difference[i])));
  for (let turn = 0; direction !== null && turn < TURNS; turn++) {
    const next = new Float64Array(direction.length);
    for (const difference of differences) {
      const share = product(difference, direction);
      for (let i = 0; i < next.length; i++) next[i] += share * difference[i];
    }
    direction = unit(next);
  }
  return direction;
}

/** The vector without its part along the direction, of length 1 again. */
export function neutralised(vector: Vector, direction: Float64Array): Float64Array {
  const rest = without(vector, direction);
  return unit(rest) ?? rest;
}

/** Two vectors that share what lies across the direction, and lie as far along it to either side. */
export function equalised(a: Vector, b: Vector, direction: Float64Array): readonly [Float64Array, Float64Array] {
  const shared = without(
    Float64Array.from(a, (value, i) => (value + b[i]) / 2),
    direction,
  );
  const along = Math.sqrt(Math.max(0, 1 - product(shared, shared)));
  const side = product(a, direction) >= product(b, direction) ? along : -along;
  return [shared.map((value, i) => value + side * direction[i]), shared.map((value, i) => value - side * direction[i])];
}

function without(vector: Vector, direction: Float64Array): Float64Array {
  const along = product(vector, direction);
  return Float64Array.from(vector, (value, i) => value - along * direction[i]);
}

function unit(vector: Float64Array): Float64Array | null {
  const length = Math.sqrt(product(vector, vector));
  return length === 0 ? null : vector.map((value) => value / length);
}
