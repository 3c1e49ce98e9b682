/**
 * @file Weights in another order of axes or blocks. All of it copies numbers; only {@link add} computes. What does not have
 * the shape that is needed is handed back as it is: its shape is compared afterwards, and the error says what it was.
 */
import type { Weight } from "./file.js";

/** Axes in another order: axis `i` of the result is axis `order[i]` of the tensor. */
export function permute(weight: Weight, order: readonly number[]): Weight {
  const { shape, values } = weight;
  if (shape.length !== order.length) return weight;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const result = new Float32Array(values.length);
  const place = sizes.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      place[axis]++;
      from += steps[axis];
      if (place[axis] < sizes[axis]) break;
      from -= place[axis] * steps[axis];
      place[axis] = 0;
    }
  }
  return { shape: sizes, values: result };
}

/** A matrix with rows and columns exchanged. */
export function transpose(weight: Weight): Weight {
  return permute(weight, [1, 0]);
}

/** Blocks along the first axis, such as the gates of a cell, in another order: block `i` of the result was `order[i]`. */
export function blocks(weight: Weight, order: readonly number[]): Weight {
  const { shape, values } = weight;
  if (shape.length === 0 || shape[0] % order.length !== 0) return weight;
  const size = values.length / order.length;
  const result = new Float32Array(values.length);
  for (const [to, from] of order.entries()) result.set(values.subarray(from * size, (from + 1) * size), to * size);
  return { shape, values: result };
}

/** Part `index` of as many equal parts along the first axis. */
export function partOf(weight: Weight, index: number, parts: number): Weight {
  const { shape, values } = weight;
  if (shape.length === 0 || shape[0] % parts !== 0) return weight;
  const size = values.length / parts;
  return { shape: [shape[0] / parts, ...shape.slice(1)], values: values.slice(index * size, (index + 1) * size) };
}

/** Two of the same shape as one with a new first axis. */
export function stack(first: Weight, second: Weight): Weight {
  if (first.shape.join() !== second.shape.join()) return second;
  const values = new Float32Array(2 * first.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { shape: [2, ...first.shape], values };
}

/** The sum of two of the same shape. */
export function add(first: Weight, second: Weight): Weight {
  if (first.shape.join() !== second.shape.join()) return second;
  return { shape: first.shape, values: first.values.map((value, i) => value + second.values[i]) };
}
