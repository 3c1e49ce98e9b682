/** The part of the WebAssembly interface that is used here; Node's types do not declare it. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module: opaque, and sent to the workers as it is. */
export type CompiledModule = object;

interface WebAssemblyInterface {
  readonly Memory: new (options: { initial: number; maximum: number; shared: true }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => CompiledModule;
  readonly Instance: new (module: CompiledModule, imports: object) => { readonly exports: unknown };
}

/** Functions of `kernels.wasm` (packages/simd/assembly/index.ts). */
export interface KernelExports {
  run(task: number, chunks: number, parallel: number): number;
  serve(thread: number): void;
  abandon(): void;
  stop(): void;
  writeConstants(): void;
  indicesFit(indices: number, count: number, rows: number): number;
  attentionChunks(pairs: number): number;
  attentionScratchBytes(queries: number, keys: number, width: number, valueWidth: number): number;
  ctcScratchBytes(time: number, classes: number, labels: number): number;
  convScratchBytes(): number;
  filterScratchBytes(columns: number): number;
  gemmTiles(m: number, n: number): number;
  gemmScratchBytes(): number;
  lstmScratchBytes(inputs: number, units: number): number;
  lstmChunks(batch: number): number;
  lstmGroups(batch: number): number;
  lstmKeptBytes(time: number, inputs: number, units: number, flags: number): number;
  recurrentKeptBytes(time: number, inputs: number, units: number, flags: number): number;
  recurrentScratchBytes(inputs: number, units: number): number;
  recurrentSumBytes(inputs: number, units: number, flags: number): number;
  recurrentSumsAt(inputs: number, units: number, flags: number): number;
  wordScratchBytes(window: number, negatives: number, bytes: number): number;
  joinChunks(words: number): number;
  biasSumsAt(inputs: number, units: number, flags: number): number;
}

export const webAssembly: WebAssemblyInterface = (globalThis as unknown as { WebAssembly: WebAssemblyInterface })
  .WebAssembly;

/** Makes an instance of the kernels over a memory. */
export function instantiate(module: CompiledModule, memory: SharedMemory): KernelExports {
  const abort = (): never => {
    throw new Error("A kernel of @seqloom/simd came to a state that it cannot be in");
  };
  return new webAssembly.Instance(module, { env: { memory, abort } }).exports as KernelExports;
}
