import { exactLog, hashSeed, philox4x32, Random, rootSeed } from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const hex = (words: Iterable<number>) => Array.from(words, (word) => word.toString(16).padStart(8, "0")).join(" ");

describe("Philox-4x32-10", () => {
  // The known answers that its authors publish (Random123, kat_vectors).
  it.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("gives the known answer for counter %j and key %j", (counter, [key0, key1], answer) => {
    const words = Uint32Array.from(counter);
    philox4x32(words, key0, key1);
    expect(hex(words)).toBe(answer);
  });

  it("multiplies as 64-bit arithmetic does", () => {
    const word = fc.nat({ max: 0xffffffff });
    fc.assert(
      fc.property(word, word, word, (c0, key0, key1) => {
        const words = Uint32Array.of(c0, 1, 2, 3);
        philox4x32(words, key0, key1);
        return hex(words) === hex(reference([c0, 1, 2, 3], key0, key1));
      }),
    );
  });
});

/** The paper's definition, in big integers. */
function reference(counter: readonly number[], key0: number, key1: number): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt);
  let [k0, k1] = [BigInt(key0), BigInt(key1)];
  const mask = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const [a, b] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [(b >> 32n) ^ c1 ^ k0, b & mask, (a >> 32n) ^ c3 ^ k1, a & mask];
    [k0, k1] = [(k0 + 0x9e3779b9n) & mask, (k1 + 0xbb67ae85n) & mask];
  }
  return [c0, c1, c2, c3].map(Number);
}

describe("the exact logarithm", () => {
  it("is that of Math.log within 1e-15, relative, over all of (0, 1]", () => {
    const check = (x: number) => Math.abs(exactLog(x) - Math.log(x)) <= 1e-15 * Math.abs(Math.log(x));
    fc.assert(fc.property(fc.double({ min: Number.MIN_VALUE, max: 1, noNaN: true }), check), { numRuns: 20_000 });
    fc.assert(fc.property(fc.double({ min: 0.4, max: 1, noNaN: true }), check), { numRuns: 20_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (n) => check(n / 2 ** 31)),
      { numRuns: 20_000 },
    );
    for (const x of [1, 0.5, Math.SQRT1_2, 1 - 2 ** -53, 2 ** -53, Number.MIN_VALUE]) expect(x).toSatisfy(check);
  });
});

const SEED = rootSeed(7);
const sample = (count: number, draw: (random: Random) => number) => {
  const random = new Random(SEED);
  return Float64Array.from({ length: count }, () => draw(random));
};
const mean = (values: Float64Array, of: (value: number) => number = (value) => value) =>
  values.reduce((sum, value) => sum + of(value), 0) / values.length;

describe("a stream of random numbers", () => {
  it("is the same for the same seed, and never changes: these numbers decide models", () => {
    const random = new Random(rootSeed(1));
    expect(Array.from({ length: 6 }, () => random.uint32())).toMatchInlineSnapshot(`
      [
        738000209,
        4028273383,
        2886482442,
        2388792993,
        3823723442,
        3163808072,
      ]
    `);
    expect([random.uniform(), random.normal(), random.normal(), random.integer(10)]).toMatchInlineSnapshot(`
      [
        0.4567750037970829,
        1.5458470557086696,
        -1.0234045830346026,
        9,
      ]
    `);
    expect([...random.permutation(8)]).toMatchInlineSnapshot(`
      [
        4,
        3,
        1,
        0,
        5,
        6,
        2,
        7,
      ]
    `);
  });

  it("draws uniform numbers in [0, 1) with the mean, the variance and the spread that they must have", () => {
    const values = sample(200_000, (random) => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(1 / 2, 2);
    expect(mean(values, (value) => (value - 0.5) ** 2)).toBeCloseTo(1 / 12, 3);
    // Chi square of 100 bins: mean 99, standard deviation 14.
    const bins = new Float64Array(100);
    for (const value of values) bins[Math.floor(value * 100)]++;
    expect(bins.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)).toBeLessThan(99 + 5 * 14);
  });

  it("uses all 53 bits of a uniform number", () => {
    const lowest = sample(1000, (random) => (random.uniform() * 2 ** 53) % 2);
    expect(mean(lowest)).toBeGreaterThan(0.4);
    expect(mean(lowest)).toBeLessThan(0.6);
  });

  it("draws normal numbers with the first four moments that they must have", () => {
    const values = sample(200_000, (random) => random.normal());
    expect(mean(values)).toBeCloseTo(0, 2);
    expect(mean(values, (value) => value ** 2)).toBeCloseTo(1, 1);
    expect(mean(values, (value) => value ** 3)).toBeCloseTo(0, 1);
    expect(mean(values, (value) => value ** 4)).toBeCloseTo(3, 0);
    const beyond = mean(values, (value) => (Math.abs(value) > 1.959964 ? 1 : 0));
    expect(beyond).toBeCloseTo(0.05, 2);
  });

  it("draws whole numbers without bias, up to 2^32", () => {
    const counts = new Float64Array(6);
    for (const value of sample(60_000, (random) => random.integer(6))) counts[value]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(10_000));
    expect(sample(1000, (random) => random.integer(2 ** 32)).some((value) => value > 2 ** 31)).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1])("refuses %d as a bound", (bound) => {
    expect(() => new Random(SEED).integer(bound)).toThrow(RangeError);
  });

  it("makes permutations: every place once, every order as likely", () => {
    const size = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(size, (length) => {
        const order = new Random(SEED).permutation(length);
        return [...order].sort((a, b) => a - b).every((place, i) => place === i) && order.length === length;
      }),
    );
    const random = new Random(SEED);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.permutation(4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });

  it("picks one of the items", () => {
    const random = new Random(SEED);
    expect(new Set(Array.from({ length: 100 }, () => random.pick(["a", "b", "c"])))).toEqual(new Set(["a", "b", "c"]));
  });
});

describe("forks", () => {
  it("depend on the seed and the name only, not on what was drawn before", () => {
    const used = new Random(SEED);
    used.uniform();
    used.normal();
    expect(used.fork("shuffle").uint32()).toBe(new Random(SEED).fork("shuffle").uint32());
  });

  it("do not change the stream that they come from", () => {
    const [forked, plain] = [new Random(SEED), new Random(SEED)];
    forked.fork("x").uint32();
    expect(forked.uint32()).toBe(plain.uint32());
  });

  it("are different for different names and numbers, and nest", () => {
    const random = new Random(SEED);
    const forks = [
      random,
      random.fork("a"),
      random.fork("b"),
      random.fork(1),
      random.fork("a").fork("b"),
      random.fork("ab"),
    ];
    expect(new Set(forks.map(({ seed }) => seed)).size).toBe(forks.length);
  });

  it("are not correlated with each other, nor with their parent", () => {
    const parent = new Random(SEED);
    const streams = [new Random(SEED), parent.fork(0), parent.fork(1)].map((random) =>
      Float64Array.from({ length: 20_000 }, () => random.uniform() - 0.5),
    );
    for (const [i, a] of streams.entries()) {
      for (const b of streams.slice(i + 1)) {
        const correlation = a.reduce((sum, value, at) => sum + value * b[at], 0) / (a.length / 12);
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(a.length));
      }
    }
  });
});

describe("seeds", () => {
  it("are 16 hexadecimal digits that never change", () => {
    expect(rootSeed(1)).toMatchInlineSnapshot(`"632faae4c3aa5c4d"`);
    expect(hashSeed(rootSeed(1), "model")).toMatchInlineSnapshot(`"911cf8431ea43f70"`);
  });

  it("tell parent and name apart", () => {
    expect(hashSeed("ab", "c")).not.toBe(hashSeed("a", "bc"));
  });
});
