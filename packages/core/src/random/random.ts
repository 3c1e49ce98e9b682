import { philox4x32 } from "./philox.js";
import { hashSeed, type Seed } from "./seed.js";

/**
 * A stream of random numbers: a pure function of its seed. The only source of randomness in Seqloom.
 * `fork(name)` gives an independent stream, so that adding a use of randomness in one place changes nothing in another.
 */
export class Random {
  readonly seed: Seed;
  readonly #block = new Uint32Array(4);
  readonly #key0: number;
  readonly #key1: number;
  #position = 0;
  #spare = Number.NaN;

  constructor(seed: Seed) {
    this.seed = seed;
    this.#key0 = Number.parseInt(seed.slice(0, 8), 16);
    this.#key1 = Number.parseInt(seed.slice(8, 16), 16);
  }

  /** An independent stream, named by its use: `random.fork("shuffle").fork(epoch)`. */
  fork(name: string | number): Random {
    return new Random(hashSeed(this.seed, String(name)));
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    const lane = this.#position & 3;
    if (lane === 0) {
      const block = this.#position / 4;
      this.#block[0] = block >>> 0;
      this.#block[1] = Math.floor(block / 0x1_0000_0000);
      this.#block[2] = 0;
      this.#block[3] = 0;
      philox4x32(this.#block, this.#key0, this.#key1);
    }
    this.#position++;
    return this.#block[lane];
  }

  /** The next float in [0, 1), of 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** The next integer in [0, bound), without bias. */
  integer(bound: number): number {
    if (!(Number.isInteger(bound) && bound > 0 && bound <= 0x1_0000_0000)) {
      throw new RangeError(`integer(bound): the bound must be a whole number from 1 to 2^32, got ${bound}`);
    }
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let value = this.uint32();
    while (value >= limit) value = this.uint32();
    return value % bound;
  }

  /**
   * The next standard normal number, by Marsaglia's polar method. `Math.log` may differ in its last bit between
   * JavaScript engines, so the logarithm is made of exact operations only.
   */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    let x = 0;
    let y = 0;
    let square = 0;
    do {
      x = 2 * this.uniform() - 1;
      y = 2 * this.uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * exactLog(square)) / square);
    this.#spare = y * scale;
    return x * scale;
  }

  /** A new order of 0 … length - 1 (Fisher and Yates). */
  permutation(length: number): Int32Array {
    const order = Int32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
    return order;
  }

  /** One of the items, each as likely as the other. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)];
  }
}

const LN2 = Math.LN2;

/** Natural logarithm for x in (0, 1], by ln(m·2^e) = 2·atanh((m-1)/(m+1)) + e·ln 2: only +, −, ×, ÷, the same everywhere. */
export function exactLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent--;
  }
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let n = 27; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return 2 * ratio * sum + exponent * LN2;
}
