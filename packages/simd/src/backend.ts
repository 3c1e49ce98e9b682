import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { type backend_util, type DataType, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { ArenaUse } from "./arena.js";
import type { Runtime } from "./runtime.js";
import { layoutOf, type Reserve, SimdTensorData } from "./tensor-data.js";

/** Identifies the values of a tensor. */
export type DataId = TensorInfo["dataId"];

let nextId = 0;

/**
 * The backend `simd`: tensors live in one shared WebAssembly memory, and kernels run there on all cores. Kernels that it has
 * none of its own for are those of the cpu backend, on copies.
 */
export class SimdBackend extends MathBackendCPU {
  readonly runtime: Runtime;
  #pending: DataId[] = [];
  #pendingBlocks: number[] = [];

  constructor(runtime: Runtime) {
    super();
    this.runtime = runtime;
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = { id: nextId++ };
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: DataId,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const data = new SimdTensorData(this.runtime, dtype, util.sizeFromShape(shape), refCount);
    data.values = values;
    this.data.set(dataId, data);
  }

  /** The values of a tensor; moves them here if another backend has them. */
  values(info: TensorInfo): SimdTensorData {
    return this.data.get(info.dataId) as SimdTensorData;
  }

  /** Address of a tensor's values, as its own dtype says. Throws for strings and complex numbers. */
  pointer(info: TensorInfo): number {
    const layout = layoutOf(info.dtype);
    if (layout === undefined) throw new TypeError(`Values of dtype ${info.dtype} cannot enter the tensor memory`);
    return this.values(info).pointer(layout);
  }

  /** Address of an optional tensor's values; 0 when there is none. */
  pointerOrNone(info: TensorInfo | undefined): number {
    return info === undefined ? 0 : this.pointer(info);
  }

  /** A new tensor whose values are not set yet, and their address. */
  output(
    shape: readonly number[],
    dtype: "float32" | "int32" = "float32",
  ): { readonly info: TensorInfo; readonly pointer: number } {
    const data = new SimdTensorData(this.runtime, dtype, util.sizeFromShape([...shape]), 1);
    const pointer = data.allocate(dtype);
    const dataId = { id: nextId++ };
    this.data.set(dataId, data);
    this.#pending.push(dataId);
    return { info: { dataId, shape: [...shape], dtype }, pointer };
  }

  /** A block of so many bytes, for a handle to own. */
  block(bytes: number): number {
    const at = this.runtime.arena.allocate(bytes);
    this.#pendingBlocks.push(at);
    return at;
  }

  /** Runs a kernel; if it throws, as it does when the memory ends, the outputs and blocks that it made so far are given back. */
  guarded<T>(kernel: () => T): T {
    this.#pending = [];
    this.#pendingBlocks = [];
    try {
      return kernel();
    } catch (error) {
      for (const dataId of this.#pending) this.disposeData(dataId, true);
      for (const at of this.#pendingBlocks) this.runtime.arena.release(at);
      throw error;
    }
  }

  /** A tensor without values that owns blocks of the memory: they go when it is disposed of. */
  handle(reserve: Reserve): TensorInfo {
    const { info } = this.output([]);
    this.values(info).reserve = reserve;
    return info;
  }

  /** The same values under another shape. */
  share(info: TensorInfo, shape: readonly number[]): TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape: [...shape], dtype: info.dtype };
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.data.get(dataId) as SimdTensorData;
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.complexTensorInfos !== undefined) {
      this.disposeData(data.complexTensorInfos.real.dataId, true);
      this.disposeData(data.complexTensorInfos.imag.dataId, true);
    }
    data.release();
    this.data.delete(dataId);
    return true;
  }

  /** What the shared memory holds. */
  use(): ArenaUse {
    return this.runtime.arena.use();
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: false, reasons: [] };
  }

  override dispose(): void {
    this.runtime.dispose();
  }
}
