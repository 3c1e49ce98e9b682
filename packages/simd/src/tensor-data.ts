import type { backend_util, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import type { Runtime } from "./runtime.js";

/** How numbers are laid out in the shared memory. */
export type Layout = "float32" | "int32" | "bool";

/** The layout of a dtype; undefined for those that never enter the shared memory. */
export function layoutOf(dtype: DataType): Layout | undefined {
  return dtype === "float32" || dtype === "int32" || dtype === "bool" ? dtype : undefined;
}

/** Values of a tensor that is not dense numbers, such as the intermediate state that a gradient needs. */
export interface Reserve {
  readonly blocks: readonly number[];
}

/**
 * The values of a tensor: as an array for kernels in JavaScript, as a block of the shared memory for those in WebAssembly,
 * or both. Either is made from the other when it is first asked for.
 *
 * The array is always a copy of the block, because kernels of the cpu backend hand out views of their inputs' arrays.
 */
export class SimdTensorData<D extends DataType = DataType> {
  readonly dtype: D;
  refCount: number;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  reserve?: Reserve;
  readonly #runtime: Runtime;
  readonly #size: number;
  readonly #blocks: { float32: number; int32: number; bool: number } = { float32: 0, int32: 0, bool: 0 };
  #values: backend_util.BackendValues | undefined;

  constructor(runtime: Runtime, dtype: D, size: number, refCount: number) {
    this.#runtime = runtime;
    this.dtype = dtype;
    this.#size = size;
    this.refCount = refCount;
  }

  get values(): backend_util.BackendValues {
    // TensorFlow.js leaves the values of complex tensors undefined; their parts have them.
    this.#values ??= this.#read() as backend_util.BackendValues;
    return this.#values;
  }

  set values(values: backend_util.BackendValues | undefined) {
    this.#values = values;
  }

  /**
   * Address of the values in a layout. A tensor may be asked for in another layout than it was made in, because casts of the cpu
   * backend only relabel the values.
   */
  pointer(layout: Layout): number {
    if (this.#blocks[layout] !== 0) return this.#blocks[layout];
    const values = this.values as ArrayLike<number>;
    const at = this.#runtime.arena.allocate(this.#size * (layout === "bool" ? 1 : 4));
    if (layout === "float32") this.#runtime.floats.set(values, at >>> 2);
    else if (layout === "int32") this.#runtime.integers.set(values, at >>> 2);
    else this.#runtime.bytes.set(values, at);
    this.#blocks[layout] = at;
    return at;
  }

  /** A block for values that a kernel is about to write. */
  allocate(layout: Layout): number {
    const at = this.#runtime.arena.allocate(this.#size * (layout === "bool" ? 1 : 4));
    this.#blocks[layout] = at;
    return at;
  }

  /** To be called after a kernel changed the block of a layout: every other form of the values is out of date. */
  changed(layout: Layout): void {
    this.#values = undefined;
    for (const other of ["float32", "int32", "bool"] as const) {
      if (other === layout) continue;
      this.#runtime.arena.release(this.#blocks[other]);
      this.#blocks[other] = 0;
    }
  }

  /** Gives the blocks back. */
  release(): void {
    const { arena } = this.#runtime;
    arena.release(this.#blocks.float32);
    arena.release(this.#blocks.int32);
    arena.release(this.#blocks.bool);
    for (const block of this.reserve?.blocks ?? []) arena.release(block);
    this.#blocks.float32 = this.#blocks.int32 = this.#blocks.bool = 0;
  }

  #read(): backend_util.TypedArray | undefined {
    const { float32, int32, bool } = this.#blocks;
    if (float32 !== 0) return this.#runtime.floats.slice(float32 >>> 2, (float32 >>> 2) + this.#size);
    if (int32 !== 0) return this.#runtime.integers.slice(int32 >>> 2, (int32 >>> 2) + this.#size);
    if (bool !== 0) return this.#runtime.bytes.slice(bool, bool + this.#size);
    return undefined;
  }
}
