import { type DiagnosticError, fail } from "@seqloom/core";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { BackendValues, DataId, TensorInfo } from "@tensorflow/tfjs-core";

/** What the gradient of a kernel needs from its forward pass: tensors that live as long as its handle. */
export interface Reserve {
  readonly tensors: readonly TensorInfo[];
}

/**
 * TensorFlow.js' WebGPU backend for Node. Whatever goes wrong on the device, such as a shader that does not compile, comes out as an
 * error of the next read: TensorFlow.js prints it and goes on with numbers that mean nothing.
 */
export class GpuBackend extends WebGPUBackend {
  readonly #reserves = new WeakMap<DataId, Reserve>();
  readonly #integers = new WeakMap<DataId, Int32Array>();
  #trouble: Error | undefined;
  #ended = false;
  #dispatches = 0;

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#trouble ??= troubleOf((event as GPUUncapturedErrorEvent).error);
    });
    void device.lost.then(({ reason, message }) => {
      if (!this.#ended) this.#trouble = lost(reason, message);
    });
  }

  /** False when something went wrong on the device: what it holds means nothing any more. */
  get sound(): boolean {
    return this.#trouble === undefined;
  }

  /** Work handed to the GPU since the backend was made: calls of shaders. */
  get dispatches(): number {
    return this.#dispatches;
  }

  /** To be called for each shader that is dispatched past `runWebGPUProgram`. */
  countDispatch(): void {
    this.#dispatches++;
  }

  /** The ids of a tensor as it was written, where they came from the processor and are still what they were. */
  integersOf(dataId: DataId): Int32Array | undefined {
    return this.#integers.get(dataId);
  }

  override uploadToGPU(dataId: DataId): void {
    const { dtype, values, resource } = this.tensorMap.get(dataId);
    if (resource == null && dtype === "int32" && values instanceof Int32Array) this.#integers.set(dataId, values);
    super.uploadToGPU(dataId);
  }

  override runWebGPUProgram(...parameters: Parameters<WebGPUBackend["runWebGPUProgram"]>): TensorInfo {
    this.#dispatches++;
    return super.runWebGPUProgram(...parameters);
  }

  /** A tensor without entries that owns others: they go when it goes. */
  handle(reserve: Reserve): TensorInfo {
    const info = this.makeTensorInfo([0], "float32", new Float32Array(0));
    this.#reserves.set(info.dataId, reserve);
    return info;
  }

  /** What a handle owns. */
  reserveOf(handle: TensorInfo): Reserve {
    const reserve = this.#reserves.get(handle.dataId);
    if (reserve === undefined) throw new TypeError("The gradient of this kernel needs what its forward pass kept");
    return reserve;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const gone = super.disposeData(dataId, force);
    const reserve = this.#reserves.get(dataId);
    if (gone && reserve !== undefined) {
      this.#reserves.delete(dataId);
      for (const { dataId: owned } of reserve.tensors) super.disposeData(owned);
    }
    return gone;
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    this.#check();
    try {
      const values = await super.read(dataId);
      // Errors of what was submitted before the copy are told before it is mapped, but as events of their own.
      await new Promise((resolve) => setImmediate(resolve));
      this.#check();
      return values;
    } catch (error) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#check();
      throw error;
    }
  }

  override readSync(dataId: DataId): BackendValues {
    this.#check();
    const values = this.tensorMap.get(dataId).values ?? this.#integers.get(dataId);
    if (values === undefined)
      throw new TypeError("A GPU cannot be read while JavaScript waits: use `await tensor.data()`");
    return values;
  }

  override dispose(): void {
    this.#ended = true;
    super.dispose();
    this.device.destroy();
  }

  #check(): void {
    if (this.#trouble !== undefined) throw this.#trouble;
  }
}

function troubleOf(error: GPUError): DiagnosticError {
  if (error.constructor.name === "GPUOutOfMemoryError") {
    return fail("out-of-memory", `the GPU has no memory left: ${error.message}`, {
      hint: "Make `batch_size` or the layers smaller, or choose device simd.",
    });
  }
  return fail("gpu-error", `the GPU refused work: ${error.message}`, {
    hint: "This is a mistake of Seqloom or of the driver; device simd is not touched by it.",
  });
}

function lost(reason: string | undefined, message: string): DiagnosticError {
  return fail("gpu-lost", `the GPU was lost${reason ? ` (${reason})` : ""}: ${message}`, {
    hint: "Run it again: a training goes on from its last checkpoint. With `--device simd` it begins anew, on the processor.",
  });
}
