/** @file The WebAssembly kernels of this package, one instance per thread, and the memory that they work in. */
import { readFileSync } from "node:fs";

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  spectra(
    plan: number,
    turns: number,
    scratch: number,
    signal: number,
    frames: number,
    length: number,
    hop: number,
    window: number,
    out: number,
    kind: number,
  ): void;
  inverseFrames(
    plan: number,
    turns: number,
    scratch: number,
    source: number,
    frames: number,
    length: number,
    hop: number,
    window: number,
    signal: number,
  ): void;
  applyBank(source: number, frames: number, bins: number, bank: number, filters: number, out: number): void;
  logarithm(x: number, count: number, scale: number, least: number, offset: number): void;
  differences(signal: number, window: number, lags: number, out: number): void;
  resample(
    signal: number,
    filters: number,
    taps: number,
    up: number,
    down: number,
    start: number,
    count: number,
    out: number,
  ): void;
}

/** What Node's types do not declare of WebAssembly, as far as it is used here. */
const webAssembly = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    };
  }
).WebAssembly;

const PAGE = 65_536;
const ALIGNMENT = 16;

/**
 * The kernels and their memory. What is kept (plans, windows, filters) lies at the bottom, work above it: work is valid until
 * the next call of {@link work}, and views of either until the next call of {@link keep} or {@link work}.
 */
export class Kernels {
  readonly run: KernelExports;
  /** The first kilobyte stays free: a pointer is never 0. */
  #kept = 1024;

  constructor(run: KernelExports) {
    this.run = run;
  }

  /** Room for as many bytes, for good. */
  keep(bytes: number): number {
    const at = this.#kept;
    this.#kept = aligned(at + bytes);
    this.#reserve(this.#kept);
    return at;
  }

  /** Room for as many bytes each, until the next call. A vector more stands behind each, for kernels that read past the end. */
  work<const S extends readonly number[]>(...sizes: S): { [K in keyof S]: number } {
    let at = this.#kept;
    const places = sizes.map((bytes) => {
      const place = at;
      at = aligned(at + bytes + ALIGNMENT);
      return place;
    });
    this.#reserve(at);
    return places as { [K in keyof S]: number };
  }

  floats(at: number, count: number): Float32Array {
    return new Float32Array(this.run.memory.buffer, at, count);
  }

  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.run.memory.buffer, at, count);
  }

  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.run.memory.buffer, at, count);
  }

  #reserve(bytes: number): void {
    const { memory } = this.run;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  }
}

let instance: Kernels | undefined;

/** The kernels of this thread, loaded when they are first wanted. */
export function kernels(): Kernels {
  instance ??= new Kernels(instantiate());
  return instance;
}

function instantiate(): KernelExports {
  const module = new webAssembly.Module(readFileSync(new URL("../kernels.wasm", import.meta.url)));
  const abort = (): never => {
    throw new Error("A kernel of @seqloom/audio came to a state that it cannot be in");
  };
  return new webAssembly.Instance(module, { env: { abort } }).exports as KernelExports;
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGNMENT) * ALIGNMENT;
}
