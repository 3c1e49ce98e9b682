import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import type { Geometry } from "./conv-geometry.js";
import { product } from "./define.js";
import { packRight } from "./pack-right.js";

/** Most bytes that the products of a whole vocabulary and all taps may take. */
const LIMIT = 2 ** 27;
const BLOCK = 32; // tokens of a chunk of `packTokens`

/** Which steps of a sequence are alike: steps with the same id [batch, time] (int32, below `vocabulary`) have the same numbers. */
export interface Tokens {
  readonly ids: TensorInfo;
  readonly vocabulary: number;
}

/**
 * Whether a convolution over a sequence of tokens multiplies each token and tap once, however often the token comes. It depends on
 * nothing that differs between batches, because the sums are not rounded as those of `convolve` are.
 */
export function goesByTokens(g: Geometry, { vocabulary }: Tokens): boolean {
  return g.inH === 1 && g.kernelH === 1 && vocabulary * g.kernelW * Math.ceil(g.outC / 16) * 64 <= LIMIT;
}

function paddedTo64(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** The first step of each distinct token, and for each step the place of its token among these. */
function distinct(ids: Int32Array, vocabulary: number): { readonly firsts: Int32Array; readonly places: Int32Array } {
  const number = new Int32Array(vocabulary).fill(-1);
  const firsts = new Int32Array(Math.min(vocabulary, ids.length));
  const places = new Int32Array(ids.length);
  let count = 0;
  for (let step = 0; step < ids.length; step++) {
    const id = ids[step] as number;
    if ((number[id] as number) < 0) {
      firsts[count] = step;
      number[id] = count++;
    }
    places[step] = number[id] as number;
  }
  return { firsts: firsts.subarray(0, count), places };
}

/** target [batch, 1, outW, outC] = activation(x * kernel + bias); all but the ids by their addresses. */
export function convolveTokens(
  backend: SimdBackend,
  g: Geometry,
  { ids, vocabulary }: Tokens,
  at: {
    readonly source: number;
    readonly kernel: number;
    readonly target: number;
    readonly bias: number;
    readonly activation: number;
  },
): void {
  const { runtime } = backend;
  const from = backend.pointer(ids) >>> 2;
  const size = product(ids.shape);
  const { firsts, places } = distinct(runtime.integers.slice(from, from + size), vocabulary);
  const panels = Math.ceil(g.outC / 16);
  const count = firsts.length;
  const lists = paddedTo64((count + size) * 4);
  const numbers = Math.ceil(count / 4) * g.inC * 16;
  const kernels = g.kernelW * Math.ceil(g.outC / 8) * g.inC * 32;
  const products = Math.min(runtime.threads, panels) * count * g.kernelW * 64;
  runtime.withScratch(lists + numbers + kernels + products, (addresses) => {
    const tokens = addresses + lists;
    const kernel = tokens + numbers;
    const rowBytes = g.inC * 4;
    runtime.integers.set(
      firsts.map((step) => at.source + step * rowBytes),
      addresses >>> 2,
    );
    runtime.integers.set(places, (addresses >>> 2) + count);
    runtime.run(Task.packTokens, Math.ceil(count / BLOCK), count * g.inC, [addresses, tokens, count, g.inC]);
    packRight(runtime, kernel, {
      source: at.kernel,
      lines: g.outC,
      depth: g.inC,
      lineBytes: 4,
      depthBytes: g.outC * 4,
      matrices: g.kernelW,
      matrixBytes: g.inC * g.outC * 4,
    });
    const outputs = g.batch * g.outW;
    const task = [tokens, kernel, at.target, at.bias, outputs, g.outC, g.kernelW, g.inC, g.inW, g.outW];
    task.push(g.strideW, g.dilationW, g.left, at.activation, count, addresses + count * 4);
    task.push(runtime.threads, kernel + kernels);
    runtime.run(Task.convolveTokens, panels, (count * g.inC + outputs) * g.kernelW * g.outC, task);
  });
}
