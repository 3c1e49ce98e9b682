import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { Arena } from "./arena.js";
import { type CompiledModule, instantiate, type KernelExports, webAssembly } from "./web-assembly.js";

const ARGUMENTS = 1024; // address of the integer arguments of a task; the numbers follow at NUMBERS
const NUMBERS = 1536;
/** Elementary operations below which waking the other threads costs more than it saves. */
const PARALLEL_WORK = 40_000;

let compiled: CompiledModule | undefined;

function compiledKernels(): CompiledModule {
  compiled ??= new webAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url)));
  return compiled;
}

/** Number of threads to use: the option, else SEQLOOM_THREADS, else one for each core. Throws on anything but a whole number from 1. */
export function threadCount(option: number | undefined): number {
  const text = process.env.SEQLOOM_THREADS;
  const count = option ?? (text === undefined || text === "" ? availableParallelism() : Number(text));
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    const source = option === undefined ? "SEQLOOM_THREADS" : "threads";
    throw new RangeError(`${source} must be a whole number from 1 to 256. Received: ${option ?? text}`);
  }
  return count;
}

/** The kernels, the memory that they share, and the threads that run them. */
export class Runtime {
  readonly threads: number;
  readonly arena: Arena;
  readonly kernels: KernelExports;
  readonly #workers: Worker[] = [];
  #started = false;
  #floats: Float32Array;
  #integers: Int32Array;
  #bytes: Uint8Array;

  constructor(threads: number, limit: number) {
    this.threads = threads;
    this.arena = new Arena(limit);
    this.kernels = instantiate(compiledKernels(), this.arena.memory);
    this.kernels.writeConstants();
    const { buffer } = this.arena.memory;
    this.#floats = new Float32Array(buffer);
    this.#integers = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** The whole memory as 32-bit floats. */
  get floats(): Float32Array {
    const { buffer } = this.arena.memory;
    if (this.#floats.byteLength !== buffer.byteLength) this.#floats = new Float32Array(buffer);
    return this.#floats;
  }

  /** The whole memory as 32-bit integers. */
  get integers(): Int32Array {
    const { buffer } = this.arena.memory;
    if (this.#integers.byteLength !== buffer.byteLength) this.#integers = new Int32Array(buffer);
    return this.#integers;
  }

  /** The whole memory as bytes. */
  get bytes(): Uint8Array {
    const { buffer } = this.arena.memory;
    if (this.#bytes.byteLength !== buffer.byteLength) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }

  /**
   * Runs a task of `chunks` chunks and returns when it is done. `work` is about how many elementary operations it is in all:
   * it decides only whether other threads help, never how the work is cut.
   */
  run(task: number, chunks: number, work: number, integers: readonly number[], numbers?: readonly number[]): void {
    if (chunks === 0) return;
    const words = this.#integers;
    const at = ARGUMENTS >> 2;
    for (let i = 0; i < integers.length; i++) words[at + i] = integers[i] as number;
    if (numbers !== undefined) {
      for (let i = 0; i < numbers.length; i++) this.#floats[(NUMBERS >> 2) + i] = numbers[i] as number;
    }
    const parallel = this.threads > 1 && chunks > 1 && work > PARALLEL_WORK;
    if (parallel && !this.#started) this.#start();
    if (this.kernels.run(task, chunks, parallel ? 1 : 0) !== 0) {
      throw new Error(`A thread of @seqloom/simd failed in task ${task}: its result cannot be used`);
    }
  }

  /** Calls `use` with a block of so many bytes that is given back afterwards. */
  withScratch<T>(bytes: number, use: (at: number) => T): T {
    const at = this.arena.allocate(bytes);
    try {
      return use(at);
    } finally {
      this.arena.release(at);
    }
  }

  /** Calls `use` with so many bytes for each thread, one after another, that are given back afterwards. */
  withThreadScratch<T>(bytes: number, use: (at: number) => T): T {
    return this.withScratch(this.threads * bytes, use);
  }

  /** Ends the threads. The memory goes when nothing refers to it any more. */
  dispose(): void {
    this.kernels.stop();
    for (const worker of this.#workers) void worker.terminate();
    this.#workers.length = 0;
  }

  // Until a worker is up, the main thread does its share; a process may end while workers wait.
  #start(): void {
    this.#started = true;
    for (let i = 1; i < this.threads; i++) {
      const worker = new Worker(new URL("./worker.js", import.meta.url), {
        workerData: { module: compiledKernels(), memory: this.arena.memory, thread: i },
        name: `seqloom-simd-${i}`,
        // Options of the parent, such as a loader or an inspector, are not for the workers.
        execArgv: [],
        env: {},
      });
      worker.once("error", (error) => {
        process.emitWarning(`A thread of @seqloom/simd ended (${error}); the others go on`, "SeqloomWarning");
      });
      worker.unref();
      this.#workers.push(worker);
    }
  }
}
