/** @file The WebAssembly kernel that finds the ends of records (assembly/scan.ts), and the text that it looks through. */
import { readFileSync } from "node:fs";
import type { ChunkSizes } from "@seqloom/core";

/** Where records end. */
export interface RecordSyntax {
  /** The character in whose pairs a line break ends no record; null when there is none. */
  readonly quote: string | null;
  /** Whether a carriage return alone is a line break too. */
  readonly carriageReturn: boolean;
}

interface ScanKernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scan(
    state: number,
    bytes: number,
    length: number,
    last: boolean,
    quote: number,
    carriageReturn: boolean,
    least: number,
    most: number,
    spread: number,
  ): number;
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
/** Where in the memory things are: the state of the kernel (five words), and the text. */
const STATE = 256;
const TEXT = 1024;
/** The kernel reads so far behind the text. */
const BEHIND = 64;
/** Words of the state. */
const [OPEN, RECORDS, LINES] = [2, 3, 4];
const MOST = 2 ** 32 - 1;
/** More memory than a region and what is read with it need. */
const USUAL = 32 << 20;

let compiled: object | undefined;
/** Those that nobody uses: each has some megabytes of memory, and data sets may be tens of thousands of small files. */
const idle: Scanner[] = [];

/** Text that is read bit by bit, and how far the search for the end of its region is. */
export class Scanner {
  readonly #kernel: ScanKernel;
  #length = 0;

  private constructor() {
    compiled ??= new webAssembly.Module(readFileSync(new URL("../kernels.wasm", import.meta.url)));
    this.#kernel = new webAssembly.Instance(compiled, {}).exports as ScanKernel;
  }

  /** An empty one. Whoever takes one gives it back. */
  static take(): Scanner {
    return idle.pop() ?? new Scanner();
  }

  giveBack(): void {
    // What one strange file needed is not kept for good.
    if (this.#kernel.memory.buffer.byteLength > USUAL) return;
    this.#length = 0;
    this.#state().fill(0);
    idle.push(this);
  }

  /** Begins the next region: what comes before `start` goes. Whether a quote is open stays as it is. */
  restart(start: number): void {
    new Uint8Array(this.#kernel.memory.buffer).copyWithin(TEXT, TEXT + start, TEXT + this.#length);
    this.#length -= start;
    const state = this.#state();
    const open = state[OPEN];
    state.fill(0)[OPEN] = open;
  }

  get length(): number {
    return this.#length;
  }

  /** Records that ended so far and are no blank lines. */
  get records(): number {
    return this.#state()[RECORDS];
  }

  get lines(): number {
    return this.#state()[LINES];
  }

  /** The text up to a place: valid until the next {@link append} or {@link restart}. */
  text(end: number): Buffer<ArrayBuffer> {
    return Buffer.from(this.#kernel.memory.buffer, TEXT, end);
  }

  append(bytes: Uint8Array): void {
    const { memory } = this.#kernel;
    const needed = TEXT + this.#length + bytes.length + BEHIND;
    const { byteLength } = memory.buffer;
    if (needed > byteLength) {
      // Twice as much: a record that never ends must not be moved for every block.
      const wanted = Math.max(needed, Math.min(2 * byteLength, MOST));
      memory.grow(Math.ceil((wanted - byteLength) / PAGE));
    }
    new Uint8Array(memory.buffer).set(bytes, TEXT + this.#length);
    this.#length += bytes.length;
  }

  /** Goes on to the end of the text, and gives the end of the region if it finds it, else 0. `last`: nothing comes after. */
  find({ quote, carriageReturn }: RecordSyntax, { least, most, spread }: ChunkSizes, last: boolean): number {
    const code = quote === null ? -1 : quote.charCodeAt(0);
    // A quote of several bytes cannot be told from other bytes: such a file is not cut.
    const [byte, from] = code > 0x7f ? [-1, MOST] : [code, Math.min(least, MOST)];
    const latest = Math.min(most, MOST);
    return this.#kernel.scan(STATE, TEXT, this.#length, last, byte, carriageReturn, from, latest, spread) >>> 0;
  }

  #state(): Uint32Array {
    return new Uint32Array(this.#kernel.memory.buffer, STATE, 5);
  }
}
