import {
  Concat,
  Pack,
  Reverse,
  Slice,
  SplitV,
  slice_util,
  type TensorInfo,
  Tile,
  Transpose,
  Unpack,
  util,
} from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { joinDimensions } from "./broadcast.js";
import { allFloats, defineKernel, product, required } from "./define.js";

/** Strides of a dense array, in entries. */
export function denseSteps(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length).fill(0);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    steps[i] = step;
    step *= shape[i] as number;
  }
  return steps;
}

/** Copies an array of a shape between two sets of strides, in entries; false when it takes more than five dimensions. */
function copy(
  backend: SimdBackend,
  from: number,
  to: number,
  shape: readonly number[],
  fromSteps: readonly number[],
  toSteps: readonly number[],
): boolean {
  const { sizes, strides } = joinDimensions(shape, [fromSteps, toSteps], 5);
  const [source = [], target = []] = strides;
  if (sizes.length > 5) return false;
  const size = product(sizes);
  if (size === 0) return true;
  const lines = size / (sizes[4] as number);
  const perChunk = Math.max(1, Math.ceil(Stretch.unary / (sizes[4] as number)));
  backend.runtime.run(Task.copy, Math.ceil(lines / perChunk), size, [
    from,
    to,
    ...sizes,
    ...source,
    ...target,
    perChunk,
  ]);
  return true;
}

/** A new tensor with a part of x, or x in another order. */
function view(
  backend: SimdBackend,
  x: TensorInfo,
  shape: readonly number[],
  offset: number,
  steps: readonly number[],
): TensorInfo | undefined {
  const from = backend.pointer(x) + offset * 4;
  const { info, pointer } = backend.output(shape);
  if (copy(backend, from, pointer, shape, steps, denseSteps(shape))) return info;
  backend.disposeData(info.dataId);
  return undefined;
}

/** The tensors one after another along an axis. */
function concat(
  backend: SimdBackend,
  parts: readonly TensorInfo[],
  axis: number,
  shape: readonly number[],
): TensorInfo {
  const inner = product(shape.slice(axis + 1));
  const outer = product(shape.slice(0, axis));
  const width = (shape[axis] as number) * inner;
  const pointers = parts.map((part) => backend.pointer(part));
  const { info, pointer } = backend.output(shape);
  let at = pointer;
  for (const [i, part] of parts.entries()) {
    const columns = outer === 0 ? 0 : product(part.shape) / outer;
    copy(backend, pointers[i] as number, at, [outer, columns], [columns, 1], [width, 1]);
    at += columns * 4;
  }
  return info;
}

function listed(inputs: Readonly<Record<string, TensorInfo | undefined>>): TensorInfo[] {
  return Object.values(inputs).filter((part) => part !== undefined);
}

/** Registers kernels that only move numbers. */
export function registerCopies(): void {
  defineKernel<{ perm: number[] }>(Transpose, (backend, inputs, { perm }) => {
    const x = required(inputs, "x");
    const shape = perm.map((axis) => x.shape[axis] as number);
    // Axes of size 1 may go anywhere without a number moving.
    const moving = perm.filter((axis) => x.shape[axis] !== 1);
    if (moving.every((axis, i) => i === 0 || axis > (moving[i - 1] as number))) return backend.share(x, shape);
    if (!allFloats(x)) return undefined;
    const steps = denseSteps(x.shape);
    return view(
      backend,
      x,
      shape,
      0,
      perm.map((axis) => steps[axis] as number),
    );
  });
  defineKernel<{ begin: number | number[]; size: number | number[] }>(Slice, (backend, inputs, { begin, size }) => {
    const x = required(inputs, "x");
    if (!allFloats(x)) return undefined;
    const [begins, sizes] = slice_util.parseSliceParams(x as never, begin, size);
    slice_util.assertParamsValid(x as never, begins, sizes);
    const steps = denseSteps(x.shape);
    const offset = begins.reduce((sum, first, i) => sum + first * (steps[i] as number), 0);
    return view(backend, x, sizes, offset, steps);
  });
  defineKernel<{ dims: number | number[] }>(Reverse, (backend, inputs, { dims }) => {
    const x = required(inputs, "x");
    if (!allFloats(x) || x.shape.length === 0 || product(x.shape) === 0) return undefined;
    const axes = util.parseAxisParam(dims, x.shape);
    const steps = denseSteps(x.shape);
    const offset = axes.reduce((sum, axis) => sum + ((x.shape[axis] as number) - 1) * (steps[axis] as number), 0);
    return view(
      backend,
      x,
      x.shape,
      offset,
      steps.map((step, i) => (axes.includes(i) ? -step : step)),
    );
  });
  defineKernel<{ reps: number[] }>(Tile, (backend, inputs, { reps }) => {
    const x = required(inputs, "x");
    if (!allFloats(x) || reps.length !== x.shape.length) return undefined;
    const steps = denseSteps(x.shape);
    const sizes = x.shape.flatMap((size, i) => [reps[i] as number, size]);
    const tiled = view(
      backend,
      x,
      sizes,
      0,
      steps.flatMap((step) => [0, step]),
    );
    return tiled && { ...tiled, shape: x.shape.map((size, i) => size * (reps[i] as number)) };
  });
  defineKernel<{ axis: number }>(Concat, (backend, inputs, { axis }) => {
    const parts = listed(inputs);
    const [first] = parts;
    if (first === undefined || !allFloats(...parts)) return undefined;
    const at = util.parseAxisParam(axis, first.shape)[0] as number;
    const shape = [...first.shape];
    shape[at] = parts.reduce((sum, part) => sum + (part.shape[at] as number), 0);
    return concat(backend, parts, at, shape);
  });
  defineKernel<{ axis: number }>(Pack, (backend, inputs, { axis }) => {
    const parts = listed(inputs);
    const [first] = parts;
    if (first === undefined || !allFloats(...parts)) return undefined;
    const at = axis < 0 ? axis + first.shape.length + 1 : axis;
    const shape = [...first.shape.slice(0, at), parts.length, ...first.shape.slice(at)];
    return concat(backend, parts, at, shape);
  });
  const cut = (
    backend: SimdBackend,
    x: TensorInfo,
    axis: number,
    sizes: readonly number[],
  ): TensorInfo[] | undefined => {
    const steps = denseSteps(x.shape);
    let from = 0;
    const parts = sizes.map((size) => {
      const shape = x.shape.map((whole, i) => (i === axis ? size : whole));
      const part = view(backend, x, shape, from * (steps[axis] as number), steps);
      from += size;
      return part;
    });
    return parts.every((part) => part !== undefined) ? (parts as TensorInfo[]) : undefined;
  };
  defineKernel<{ numOrSizeSplits: number[] | number; axis: number }>(
    SplitV,
    (backend, inputs, { numOrSizeSplits, axis }) => {
      const x = required(inputs, "x");
      const at = util.parseAxisParam(axis, x.shape)[0] as number;
      const whole = x.shape[at] as number;
      if (!allFloats(x)) return undefined;
      if (typeof numOrSizeSplits !== "number" && numOrSizeSplits.includes(-1)) return undefined;
      const sizes =
        typeof numOrSizeSplits === "number"
          ? new Array<number>(numOrSizeSplits).fill(whole / numOrSizeSplits)
          : numOrSizeSplits;
      return cut(backend, x, at, sizes);
    },
  );
  defineKernel<{ axis: number }>(Unpack, (backend, inputs, { axis }) => {
    const x = required(inputs, "value");
    if (!allFloats(x)) return undefined;
    const at = axis < 0 ? axis + x.shape.length : axis;
    const parts = cut(backend, x, at, new Array<number>(x.shape[at] as number).fill(1));
    return parts?.map((part) => ({ ...part, shape: part.shape.filter((_, i) => i !== at) }));
  });
}
