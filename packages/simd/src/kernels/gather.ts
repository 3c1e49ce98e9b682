import { GatherV2, type TensorInfo, UnsortedSegmentSum, util } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { allFloats, defineKernel, product, required } from "./define.js";

/** Rows of a table [rows, ...width] by number, in the shape of the indices. Throws a RangeError for a number outside the table. */
function gatherRows(backend: SimdBackend, x: TensorInfo, indices: TensorInfo): TensorInfo {
  const [rows = 0, ...widthShape] = x.shape;
  const width = product(widthShape);
  const count = product(indices.shape);
  const at = backend.pointer(indices);
  if (backend.runtime.kernels.indicesFit(at, count, rows) === 0) {
    const values = backend.values(indices).values as Int32Array;
    const wrong = values.find((index) => index < 0 || index >= rows);
    throw new RangeError(`Index ${wrong} is outside the table, which has ${rows} rows (0 to ${rows - 1})`);
  }
  const table = backend.pointer(x);
  const { info, pointer } = backend.output([...indices.shape, ...widthShape]);
  const chunks = Math.ceil(count / Stretch.gatherRows);
  backend.runtime.run(Task.gather, chunks, count * width, [table, at, pointer, rows, width, count]);
  return info;
}

/** Registers the look-up of rows and its gradient, the sum of rows by number. */
export function registerGather(): void {
  defineKernel<{ axis: number; batchDims: number }>(GatherV2, (backend, inputs, { axis, batchDims }) => {
    const x = required(inputs, "x");
    const indices = required(inputs, "indices");
    const [parsed] = util.parseAxisParam(axis, x.shape);
    if (parsed !== 0 || batchDims !== 0 || !allFloats(x) || indices.dtype !== "int32") return undefined;
    return gatherRows(backend, x, indices);
  });
  // [count, ...width] -> [segments, ...width]; rows are added in their order, those with a number outside are left out.
  defineKernel<{ numSegments: number }>(UnsortedSegmentSum, (backend, inputs, { numSegments }) => {
    const x = required(inputs, "x");
    const ids = required(inputs, "segmentIds");
    const count = product(ids.shape);
    if (!allFloats(x) || ids.dtype !== "int32" || x.shape[0] !== count) return undefined;
    const widthShape = x.shape.slice(1);
    const width = product(widthShape);
    const task = [backend.pointer(x), backend.pointer(ids)];
    const { info, pointer } = backend.output([numSegments, ...widthShape]);
    task.push(pointer, numSegments, width, count);
    backend.runtime.run(Task.scatterAdd, Stretch.scatterParts, count * width + numSegments * width, task);
    return info;
  });
}
