import { execFileSync } from "node:child_process";
import { applyPatches, disposeSimd, registerSimdBackend, simdMemory, simdThreads } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { difference, randomTensor, useSimd, valuesOn } from "./support.js";

beforeEach(() => useSimd());
afterEach(disposeSimd);

describe("registration", () => {
  test("makes simd the active backend with the threads asked for", () => {
    expect(tf.getBackend()).toBe("simd");
    expect(simdThreads()).toBe(2);
  });

  test("may be taken back and done again", async () => {
    disposeSimd();
    disposeSimd();
    expect(simdThreads()).toBe(0);
    expect(simdMemory()).toBeUndefined();
    await registerSimdBackend({ threads: 3 });
    expect(simdThreads()).toBe(3);
    expect(tf.tidy(() => tf.add(1, 2).dataSync()[0])).toBe(3);
  });

  test.each([0, -1, 1.5, 1000])("does not take %d threads", async (threads) => {
    await expect(registerSimdBackend({ threads })).rejects.toThrow(
      `threads must be a whole number from 1 to 256. Received: ${threads}`,
    );
  });

  test("names SEQLOOM_THREADS when its value is the problem", async () => {
    process.env.SEQLOOM_THREADS = "many";
    try {
      await expect(registerSimdBackend()).rejects.toThrow(
        "SEQLOOM_THREADS must be a whole number from 1 to 256. Received: many",
      );
    } finally {
      delete process.env.SEQLOOM_THREADS;
    }
  });
});

describe("values", () => {
  test("move between backends and back", async () => {
    const x = randomTensor([5, 3], 1);
    const there = tf.exp(x);
    await tf.setBackend("cpu");
    const doubled = tf.add(there, there);
    await tf.setBackend("simd");
    const back = tf.sub(doubled, there);
    expect(difference(Array.from(back.dataSync()), Array.from(there.dataSync()))).toBeLessThan(1e-6);
    tf.dispose([x, there, doubled, back]);
  });

  test("strings and complex numbers work as on the cpu backend", async () => {
    expect(tf.tidy(() => tf.tensor1d(["a", "é"]).dataSync())).toEqual(["a", "é"]);
    const make = (): tf.Tensor[] => [tf.abs(tf.complex([3, 0], [4, 1])), tf.real(tf.complex([3, 0], [4, 1]))];
    expect(await valuesOn("simd", make)).toEqual([
      [5, 1],
      [3, 0],
    ]);
  });

  test("a slice made by a kernel of the cpu backend outlives its source", () => {
    const source = tf.tensor1d([1, 2, 3, 4], "int32");
    const part = tf.slice(source, 1, 2);
    source.dispose();
    const other = tf.tensor1d([9, 9, 9, 9], "int32");
    expect(Array.from(part.dataSync())).toEqual([2, 3]);
    tf.dispose([part, other]);
  });
});

describe("memory", () => {
  test("is given back when tensors are disposed of", () => {
    const before = simdMemory()?.used;
    tf.tidy(() => void tf.matMul(randomTensor([100, 100], 1), randomTensor([100, 100], 2)));
    expect(simdMemory()?.used).toBe(before);
  });

  test("does not grow with tensors of many sizes that come and go", () => {
    const cycle = (): void => {
      for (let i = 1; i < 200; i++) tf.tidy(() => void tf.add(randomTensor([i * 97], 1), 1));
    };
    cycle();
    const { reserved } = simdMemory() as { reserved: number };
    for (let i = 0; i < 3; i++) cycle();
    expect(simdMemory()?.reserved).toBe(reserved);
  });

  test("that ends is an error that says how much there is and what to do", async () => {
    await registerSimdBackend({ threads: 1, memoryLimit: 8 * 2 ** 20 });
    const fill = (): tf.Tensor[] => Array.from({ length: 10 }, () => tf.add(tf.zeros([2 ** 19]), 1));
    expect(() => tf.tidy(fill)).toThrow(
      /Out of tensor memory: 2\.0 MiB were asked for, \d+\.\d MiB of at most 8\.0 MiB are in use\. Use a smaller batch_size/,
    );
    expect(tf.tidy(() => tf.add(1, 1).dataSync()[0])).toBe(2);
    expect(simdMemory()?.used).toBe(0);
  });

  test("in one piece is found again after it was in many", async () => {
    await registerSimdBackend({ threads: 1, memoryLimit: 16 * 2 ** 20 });
    const small = Array.from({ length: 20 }, () => tf.tidy(() => tf.add(tf.zeros([2 ** 16]), 1)));
    tf.dispose(small);
    const whole = tf.tidy(() => tf.add(tf.zeros([2 ** 20]), 1));
    expect(whole.dataSync()[2 ** 20 - 1]).toBe(1);
  });
});

describe("patched gradients", () => {
  test.each([
    [[3], [4]],
    [
      [2, 3],
      [3, 2],
    ],
    [
      [2, 3, 4],
      [1, 2, 3],
    ],
    [
      [2, 1, 3, 2],
      [2, 3, 1, 2],
    ],
  ])("of tile %j by %j", async (shape, reps) => {
    applyPatches();
    const make = (): tf.Tensor[] => {
      const x = randomTensor(shape, 1);
      const weights = randomTensor(
        shape.map((size, i) => size * (reps[i] as number)),
        2,
      );
      return [tf.grad((y) => tf.sum(tf.mul(tf.tile(y, reps), weights)))(x)];
    };
    const [ours] = await valuesOn("simd", make);
    // By hand: the sum of the weights over all repetitions of an entry.
    const byHand = (): tf.Tensor[] => {
      const weights = randomTensor(
        shape.map((size, i) => size * (reps[i] as number)),
        2,
      );
      const apart = tf.reshape(
        weights,
        shape.flatMap((size, i) => [reps[i] as number, size]),
      );
      return [
        tf.sum(
          apart,
          shape.map((_, i) => 2 * i),
        ),
      ];
    };
    const [expected] = await valuesOn("cpu", byHand);
    expect(difference(ours ?? [], expected ?? [])).toBeLessThan(1e-6);
  });

  test.each([0, 1])("of gather along axis %i", async (axis) => {
    const make = (): tf.Tensor[] => {
      const x = randomTensor([6, 5, 3], 1);
      const indices = tf.tensor2d(
        [
          [0, 2],
          [2, 4],
        ],
        [2, 2],
        "int32",
      );
      return [tf.grad((y) => tf.sum(tf.square(tf.gather(y, indices, axis))))(x)];
    };
    const [ours] = await valuesOn("simd", make);
    const [theirs] = await valuesOn("cpu", make);
    expect(difference(ours ?? [], theirs ?? [])).toBeLessThan(1e-6);
    // 2 x for each time that a row is taken.
    const [x] = await valuesOn("cpu", () => [randomTensor([6, 5, 3], 1)]);
    expect(ours?.[0]).toBeCloseTo(2 * (x?.[0] as number), 5);
  });
});

describe("a kernel that fails", () => {
  test("ends in an error and not in a hang, whichever thread it is on", () => {
    const module = import.meta.resolve("@seqloom/simd").replace(/index\.js$/, "runtime.js");
    const tasks = import.meta.resolve("@seqloom/simd").replace(/index\.js$/, "tasks.js");
    const program = `
      const { Runtime } = await import(${JSON.stringify(module)});
      const { Task, Unary } = await import(${JSON.stringify(tasks)});
      const runtime = new Runtime(2, 2 ** 26);
      const beyond = 2 ** 31;
      let failed = 0;
      for (let i = 0; i < 20; i++) {
        try { runtime.run(Task.unary, 64, 1e9, [Unary.Neg, beyond, beyond, 64 * 16384]); } catch { failed++; }
      }
      console.log(failed);
      process.exit();
    `;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      timeout: 30_000,
      encoding: "utf8",
    });
    expect(out.trim()).toBe("20");
  });
});

describe("a sum of very many numbers", () => {
  test("keeps the small ones", () => {
    const sum = tf.tidy(() => tf.sum(tf.fill([6_000_000], 46)).dataSync()[0]);
    expect(Math.abs(sum / 276_000_000 - 1)).toBeLessThan(1e-4);
    const mean = tf.tidy(() => tf.mean(tf.fill([3_000_001], 0.1)).dataSync()[0]);
    expect(Math.abs(mean / 0.1 - 1)).toBeLessThan(1e-4);
  });

  test("does not change when zeros are put at its end", () => {
    for (let length = 1; length <= 40; length++) {
      const values = Array.from({ length }, (_, i) => Math.fround(Math.sin(i + length)));
      const alone = tf.tidy(() => tf.sum(values).dataSync()[0]);
      const padded = tf.tidy(() => tf.sum([...values, ...new Array<number>(47 - length).fill(0)]).dataSync()[0]);
      expect(padded).toBe(alone);
    }
  });
});
