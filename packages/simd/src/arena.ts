import { type SharedMemory, webAssembly } from "./web-assembly.js";

const PAGE = 65536;
/** Everything below is the control block of the kernels. */
const FIRST = 4096;
const GRAIN = 64; // a cache line; kernels may write up to the end of the line in which an array ends

/** What the shared memory holds, in bytes. */
export interface ArenaUse {
  /** Bytes in blocks that are in use. */
  readonly used: number;
  /** Bytes that the memory has grown to. */
  readonly reserved: number;
  /** Bytes that it may grow to. */
  readonly limit: number;
}

/** Rounds up to one of eight sizes for each doubling, so that blocks of nearly the same size can be reused for one another. */
export function sizeClass(bytes: number): number {
  const grains = Math.max(1, Math.ceil(bytes / GRAIN));
  if (grains <= 16) return grains * GRAIN;
  const unit = 2 ** (Math.floor(Math.log2(grains)) - 3);
  return Math.ceil(grains / unit) * unit * GRAIN;
}

/** Hands out blocks of one shared WebAssembly memory and takes them back. Addresses stay valid when the memory grows. */
export class Arena {
  readonly memory: SharedMemory;
  readonly limit: number;
  readonly #sizes = new Map<number, number>(); // address -> bytes of a block in use
  readonly #free = new Map<number, number[]>(); // bytes -> addresses
  #holes: { at: number; bytes: number }[] = []; // neighbours joined, by address
  #next = FIRST;
  #used = 0;
  #reserved: number;

  constructor(limit: number) {
    const pages = Math.max(16, Math.min(65536, Math.floor(limit / PAGE)));
    this.memory = reserve(pages);
    this.limit = pages * PAGE;
    this.#reserved = this.memory.buffer.byteLength;
  }

  /** What is in use and what there is. */
  use(): ArenaUse {
    return { used: this.#used, reserved: this.#reserved, limit: this.limit };
  }

  /** A block of at least so many bytes, not cleared. Throws a RangeError when the memory ends. */
  allocate(bytes: number): number {
    const size = sizeClass(bytes);
    const at = this.#free.get(size)?.pop() ?? this.#carve(size) ?? this.#extend(size);
    if (at === undefined) throw exhausted(bytes, this.use());
    this.#sizes.set(at, size);
    this.#used += size;
    return at;
  }

  /** Takes a block back. 0 is no block. */
  release(at: number): void {
    if (at === 0) return;
    const size = this.#sizes.get(at);
    if (size === undefined) throw new Error(`Block ${at} of the tensor memory was released twice`);
    this.#sizes.delete(at);
    this.#used -= size;
    const bin = this.#free.get(size);
    if (bin === undefined) this.#free.set(size, [at]);
    else bin.push(at);
  }

  #carve(size: number): number | undefined {
    const index = this.#holes.findIndex((hole) => hole.bytes >= size);
    const hole = this.#holes[index];
    if (hole === undefined) return undefined;
    const at = hole.at;
    hole.at += size;
    hole.bytes -= size;
    if (hole.bytes === 0) this.#holes.splice(index, 1);
    return at;
  }

  #extend(size: number): number | undefined {
    if (this.#next + size > this.#reserved) {
      // Growing is the moment to join free neighbours, if there is enough of them to be worth it or nothing else is left.
      const free = this.#next - FIRST - this.#used;
      if (this.#next + size > this.limit || free > Math.max(size, this.#used / 4)) {
        this.#join();
        const at = this.#carve(size);
        if (at !== undefined) return at;
      }
    }
    if (this.#next + size > this.limit) return undefined;
    if (this.#next + size > this.#reserved && !this.#grow(size)) return undefined;
    const at = this.#next;
    this.#next += size;
    return at;
  }

  #grow(size: number): boolean {
    const needed = this.#next + size - this.#reserved;
    const wanted = Math.min(Math.max(needed, this.#reserved / 4), this.limit - this.#reserved);
    try {
      this.memory.grow(Math.ceil(wanted / PAGE));
    } catch {
      return false;
    }
    this.#reserved = this.memory.buffer.byteLength;
    return true;
  }

  #join(): void {
    const blocks = [...this.#holes];
    for (const [bytes, addresses] of this.#free) for (const at of addresses) blocks.push({ at, bytes });
    this.#free.clear();
    blocks.sort((a, b) => a.at - b.at);
    this.#holes = [];
    for (const block of blocks) {
      const before = this.#holes.at(-1);
      if (before !== undefined && before.at + before.bytes === block.at) before.bytes += block.bytes;
      else this.#holes.push(block);
    }
    const last = this.#holes.at(-1);
    if (last !== undefined && last.at + last.bytes === this.#next) {
      this.#next = last.at;
      this.#holes.pop();
    }
  }
}

/** Address space is reserved at once, memory only as it grows; a host with little address space gets less. */
function reserve(pages: number): SharedMemory {
  for (let maximum = pages; ; maximum = Math.floor(maximum / 2)) {
    try {
      return new webAssembly.Memory({ initial: 16, maximum, shared: true });
    } catch (error) {
      if (maximum < 1024) throw error;
    }
  }
}

function exhausted(bytes: number, use: ArenaUse): RangeError {
  const mib = (value: number): string => `${(value / 2 ** 20).toFixed(1)} MiB`;
  return new RangeError(
    `Out of tensor memory: ${mib(bytes)} were asked for, ${mib(use.used)} of at most ${mib(use.limit)} are in use. ` +
      "Use a smaller batch_size, shorter sequences or fewer units.",
  );
}
