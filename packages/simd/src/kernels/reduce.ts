import { ArgMax, Max, Mean, Min, Sum, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { allFloats, defineKernel, product, required } from "./define.js";

const OPERATIONS = { [Sum]: 0, [Mean]: 1, [Max]: 2, [Min]: 3 };

interface ReduceAttributes {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims: boolean;
}

/** Reduces neighbouring axes; undefined when they are not neighbours. */
function reduce(
  backend: SimdBackend,
  operation: number,
  x: TensorInfo,
  axis: number | number[] | undefined,
  keepDims: boolean,
): TensorInfo | undefined {
  const all = x.shape.map((_, i) => i);
  const axes = util.parseAxisParam(axis ?? all, x.shape).sort((a, b) => a - b);
  const first = axes[0];
  if (first === undefined) return backend.share(x, x.shape);
  if (axes.some((one, i) => one !== first + i)) return undefined;
  const outer = product(x.shape.slice(0, first));
  const reduced = product(x.shape.slice(first, first + axes.length));
  const inner = product(x.shape.slice(first + axes.length));
  const shape = x.shape.flatMap((size, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [size]));
  const from = backend.pointer(x);
  const { info, pointer } = backend.output(shape);
  const task = [operation, from, pointer, outer, reduced, inner];
  const work = outer * reduced * inner;
  if (inner === 1) backend.runtime.run(Task.reduceRow, outer, work, task);
  else backend.runtime.run(Task.reduceColumns, outer * Math.ceil(inner / Stretch.columns), work, task);
  return info;
}

/** Registers sums, means and extremes. */
export function registerReductions(): void {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    defineKernel<ReduceAttributes>(name, (backend, inputs, { axis, reductionIndices, keepDims }) => {
      const x = required(inputs, "x");
      return allFloats(x) ? reduce(backend, operation, x, axis ?? reductionIndices, keepDims) : undefined;
    });
  }
  defineKernel<{ axis: number | number[] }>(ArgMax, (backend, inputs, { axis }) => {
    const x = required(inputs, "x");
    const last = x.shape.length - 1;
    const count = x.shape[last] ?? 0;
    if (!allFloats(x) || count === 0 || util.parseAxisParam(axis, x.shape)[0] !== last) return undefined;
    const rows = product(x.shape.slice(0, -1));
    const from = backend.pointer(x);
    const { info, pointer } = backend.output(x.shape.slice(0, -1), "int32");
    backend.runtime.run(Task.argMaxRow, rows, rows * count, [0, from, pointer, rows, count]);
    return info;
  });
}
