import { type TensorInfo, UnsortedSegmentSum } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../backend.js";
import { bindings, dispatch, type Shader } from "../dispatch.js";
import { defineKernel, product, release, required } from "./define.js";

const THREADS = 64;

/**
 * Sums of rows by number, each number's rows in their order. Bindings: x [rows, width], order [rows] (rows by number), starts
 * [numbers + 1]; sums [numbers, width]. Uniforms: numbers, width.
 */
const SUMS: Shader = {
  key: "segment sums",
  code: `${bindings(["x", "order", "starts"], ["sums"], ["numbers", "width"], ["order", "starts"])}
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) number: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (id.x + id.y * number.x) * ${THREADS}u + thread;
  if (i >= sizes.numbers * sizes.width) { return; }
  let segment = i / sizes.width;
  let column = i % sizes.width;
  var sum = 0.0;
  for (var at = starts[segment]; at < starts[segment + 1u]; at++) { sum += x[u32(order[at]) * sizes.width + column]; }
  sums[i] = sum;
}`,
};

/** The rows by number, and where each number's begin: a counting sort. Numbers outside are left out. */
export function sortRows(ids: Int32Array, numbers: number): { order: Int32Array; starts: Int32Array } {
  const starts = new Int32Array(numbers + 1);
  for (const id of ids) if (id >= 0 && id < numbers) starts[id + 1] = (starts[id + 1] as number) + 1;
  for (let id = 0; id < numbers; id++) starts[id + 1] = (starts[id + 1] as number) + (starts[id] as number);
  const order = new Int32Array(ids.length);
  const next = starts.slice(0, numbers);
  ids.forEach((id, row) => {
    if (id < 0 || id >= numbers) return;
    const at = next[id] as number;
    order[at] = row;
    next[id] = at + 1;
  });
  return { order, starts };
}

function segmentSum(backend: GpuBackend, x: TensorInfo, ids: Int32Array, numbers: number): TensorInfo {
  const shape = [numbers, ...x.shape.slice(1)];
  const width = product(shape.slice(1));
  const { order, starts } = sortRows(ids, numbers);
  const tables = [order, starts].map((table) => backend.makeTensorInfo([table.length], "int32", table));
  const sums = backend.makeTensorInfo(shape, "float32");
  dispatch(backend, {
    shader: SUMS,
    inputs: [x, ...tables],
    outputs: [sums],
    uniforms: [numbers, width],
    workgroups: Math.ceil((numbers * width) / THREADS),
  });
  release(backend, ...tables);
  return sums;
}

/**
 * Registers the sum of rows by number, which the gradient of an embedding is. TensorFlow.js adds by atomic operations, in whatever order
 * they come, so that the last bits differ from run to run; here each number's rows are added in their order. That wants ids that came
 * from the processor, as those of a batch do.
 */
export function registerSegmentSum(): void {
  defineKernel<{ readonly numSegments: number }>(UnsortedSegmentSum, (backend, inputs, { numSegments }) => {
    const x = required(inputs, "x");
    const segmentIds = required(inputs, "segmentIds");
    const held = backend.tensorMap.get(segmentIds.dataId).values ?? backend.integersOf(segmentIds.dataId);
    const rows = product(segmentIds.shape);
    const fits = x.dtype === "float32" && x.shape[0] === rows && rows > 0 && numSegments > 0 && product(x.shape) > 0;
    return fits && held instanceof Int32Array ? segmentSum(backend, x, held, numSegments) : undefined;
  });
}
