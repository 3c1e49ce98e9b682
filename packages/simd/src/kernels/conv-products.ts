import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { type Geometry, geometryArguments, isDirect } from "./conv-geometry.js";
import { packedRightBytes, packRight } from "./pack-right.js";

/** Most groups of places that a convolution is cut into. */
const GROUPS = 64;
/** Chunks that a gradient by the kernel is cut into, about. */
const CHUNKS = 32;
const BLOCK = 32; // places of a block of `convolve`
const DEPTH = 128; // entries of K, and places, of a block of `filterGradient`
const STRIP = 16; // columns of a chunk of the gradients of a sparse dy
const COUNTED = 16384; // numbers of a chunk of `countNonZero`
/** Share of numbers of dy that are not 0 below which they are worked on one by one. */
const SPARSE = 1 / 12;

/** Addresses of a convolution. */
export interface Convolution {
  readonly source: number;
  /** In panels of 8 columns. */
  readonly kernel: number;
  readonly target: number;
  readonly bias: number;
  readonly activation: number;
}

function convolve(backend: SimdBackend, g: Geometry, at: Convolution, spacingH: number, spacingW: number): void {
  const { runtime } = backend;
  const places = g.batch * g.outH * g.outW;
  const k = g.kernelH * g.kernelW * g.inC;
  const groups = Math.min(GROUPS, Math.ceil(places / BLOCK));
  const direct = spacingH * spacingW === 1 && isDirect(g) ? 1 : 0;
  runtime.withThreadScratch(runtime.kernels.convScratchBytes(), (scratch) => {
    const task = [at.source, at.kernel, at.target, scratch, places, g.outC, k, 0];
    task.push(...geometryArguments(g, spacingH, spacingW), at.bias, at.activation, groups, direct);
    runtime.run(Task.convolve, groups, places * g.outC * k, task);
  });
}

/** target [batch, outH, outW, outC] = activation(x * kernel + bias), all by their addresses. */
export function convolveForward(
  backend: SimdBackend,
  g: Geometry,
  at: Omit<Convolution, "kernel">,
  kernel: number,
): void {
  const { runtime } = backend;
  const k = g.kernelH * g.kernelW * g.inC;
  runtime.withScratch(packedRightBytes(g.outC, k), (packed) => {
    const operand = { source: kernel, lines: g.outC, depth: k, lineBytes: 4, depthBytes: g.outC * 4 };
    packRight(runtime, packed, { ...operand, matrices: 1, matrixBytes: 0 });
    convolve(backend, g, { ...at, kernel: packed }, 1, 1);
  });
}

/** Whether so few numbers are not 0 that it pays to go from one to the next. */
function isSparse(backend: SimdBackend, values: number, size: number): boolean {
  const { runtime } = backend;
  const chunks = Math.ceil(size / COUNTED);
  return runtime.withScratch(chunks * 4, (counts) => {
    runtime.run(Task.countNonZero, chunks, size / 4, [values, counts, size]);
    let count = 0;
    for (const part of runtime.integers.subarray(counts >>> 2, (counts >>> 2) + chunks)) count += part;
    return count < size * SPARSE;
  });
}

/** The gradient by x: target [batch, inH, inW, inC], from dy [batch, outH, outW, outC] and the kernel. */
export function convolveInputGradient(
  backend: SimdBackend,
  g: Geometry,
  dy: number,
  kernel: number,
  target: number,
): void {
  const { runtime } = backend;
  const places = g.batch * g.outH * g.outW;
  const taps = g.kernelH * g.kernelW;
  const k = taps * g.inC;
  if (isSparse(backend, dy, places * g.outC)) {
    runtime.withScratch(k * g.outC * 4, (turned) => {
      const columns = Math.max(1, Math.ceil(COUNTED / k));
      const copy = [kernel, turned, 1, 1, 1, g.outC, k, 0, 0, 0, 1, g.outC, 0, 0, 0, k, 1, columns];
      runtime.run(Task.copy, Math.ceil(g.outC / columns), k * g.outC, copy);
      const task = [target, dy, turned, 0, places, g.outC, k, 0, ...geometryArguments(g)];
      runtime.run(Task.convSparseInputGradient, g.batch, places * g.outC, task);
    });
    return;
  }
  const panels = Math.ceil(g.inC / 8);
  runtime.withScratch(packedRightBytes(g.inC, taps * g.outC), (turned) => {
    runtime.run(Task.convTurnKernel, panels, k * g.outC, [kernel, turned, taps, g.inC, g.outC]);
    // A convolution over dy, spaced by the strides, with the kernel turned round.
    const back: Geometry = {
      ...g,
      inH: g.outH,
      inW: g.outW,
      inC: g.outC,
      outH: g.inH,
      outW: g.inW,
      outC: g.inC,
      strideH: 1,
      strideW: 1,
      top: (g.kernelH - 1) * g.dilationH - g.top,
      left: (g.kernelW - 1) * g.dilationW - g.left,
    };
    convolve(backend, back, { source: dy, kernel: turned, target, bias: 0, activation: 0 }, g.strideH, g.strideW);
  });
}

/** The gradient by the kernel: target [kernelH, kernelW, inC, outC], from x and dy. */
export function convolveFilterGradient(backend: SimdBackend, g: Geometry, x: number, dy: number, target: number): void {
  const { runtime } = backend;
  const places = g.batch * g.outH * g.outW;
  const k = g.kernelH * g.kernelW * g.inC;
  const n = g.outC;
  const common = (sums: number, scratch: number, groups: number): number[] => {
    const direct = isDirect(g) ? 1 : 0;
    return [x, dy, sums, scratch, places, n, k, 0, ...geometryArguments(g), 0, 0, groups, direct];
  };
  if (isSparse(backend, dy, places * n)) {
    const strips = Math.ceil(n / STRIP);
    const groups = Math.max(1, Math.min(8, Math.floor(CHUNKS / strips)));
    const chunks = strips * groups;
    const sumBytes = chunks * STRIP * k * 4;
    runtime.withScratch(sumBytes + chunks * k * 4, (sums) => {
      const task = common(sums, sums + sumBytes, groups);
      runtime.run(Task.convSparseFilterGradient, chunks, places * n, task);
      runtime.run(Task.convFoldStrip, strips, groups * k * n, [sums, target, 0, 0, places, n, k, 0, ...task.slice(8)]);
    });
    return;
  }
  const blocks = Math.ceil(k / DEPTH);
  const groups = Math.max(1, Math.min(Math.floor(CHUNKS / blocks), Math.ceil(places / (2 * DEPTH))));
  const sumBytes = groups === 1 ? 0 : groups * k * n * 4;
  runtime.withScratch(sumBytes, (scratch) => {
    const sums = groups === 1 ? target : scratch;
    runtime.withThreadScratch(runtime.kernels.filterScratchBytes(n), (operands) => {
      runtime.run(Task.convFilterGradient, blocks * groups, places * n * k, common(sums, operands, groups));
    });
    if (groups > 1) {
      runtime.run(Task.reduceColumns, Math.ceil((k * n) / 64), groups * k * n, [0, sums, target, 1, groups, k * n]);
    }
  });
}
