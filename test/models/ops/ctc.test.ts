import { readFileSync } from "node:fs";
import { ctcLoss } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { difference, randomFloats, useSimd } from "../../simd/support.js";

beforeAll(() => useSimd());
beforeEach(() => tf.setBackend("simd").then(() => undefined));
afterAll(disposeSimd);

interface Case {
  readonly name: string;
  readonly shape: [number, number, number];
  readonly logits: readonly number[];
  readonly labels: readonly number[];
  readonly labelLengths: readonly number[];
  readonly inputLengths: readonly number[];
  readonly blank: number;
  readonly zeroInfinity: boolean;
  readonly losses: readonly (number | string)[];
  readonly gradient: readonly (number | string)[];
}

const reference = JSON.parse(readFileSync(new URL("./reference/ctc.json", import.meta.url), "utf8")) as {
  readonly torch: string;
  readonly cases: readonly Case[];
};

/** Losses of a case, and the gradient of their sum by the logits. */
function run(c: Omit<Case, "name" | "losses" | "gradient">): { losses: number[]; gradient: number[] } {
  return tf.tidy(() => {
    const logits = tf.tensor3d([...c.logits], c.shape);
    const labels = tf.tensor2d([...c.labels], [c.shape[0], c.labels.length / c.shape[0]], "int32");
    const options = { blank: c.blank, zeroInfinity: c.zeroInfinity };
    const losses = (z: tf.Tensor): tf.Tensor1D =>
      ctcLoss(z as tf.Tensor3D, labels, c.labelLengths, c.inputLengths, options);
    const gradient = tf.grad((z) => tf.sum(losses(z)))(logits);
    return { losses: Array.from(losses(logits).dataSync()), gradient: Array.from(gradient.dataSync()) };
  });
}

/** Minus the logarithm of the probability of all paths that say the labels, by trying every path. */
function bruteForce(logits: readonly number[], steps: number, classes: number, labels: string, blank: number): number {
  const chances = Array.from({ length: steps }, (_, t) => {
    const row = logits.slice(t * classes, (t + 1) * classes).map(Math.exp);
    const sum = row.reduce((total, value) => total + value, 0);
    return row.map((value) => value / sum);
  });
  let probability = 0;
  for (let path = 0; path < classes ** steps; path++) {
    const symbols = Array.from({ length: steps }, (_, t) => Math.floor(path / classes ** t) % classes);
    const said = symbols.filter((symbol, t) => symbol !== symbols[t - 1] && symbol !== blank).join();
    if (said === labels) probability += symbols.reduce((product, k, t) => product * (chances[t]?.[k] as number), 1);
  }
  return -Math.log(probability);
}

describe.each(["simd", "cpu"])("the CTC loss on %s", (backend) => {
  beforeEach(() => tf.setBackend(backend).then(() => undefined));

  test.each(reference.cases)("is PyTorch's: $name", (c) => {
    const { losses, gradient } = run(c);
    expect(difference(losses, c.losses.map(Number))).toBeLessThan(1e-4);
    // Where nothing can be learnt PyTorch's gradient is not a number, and that of stock operations is 0.
    const finite = c.gradient.flatMap((value, i) => (typeof value === "number" ? [i] : []));
    const [ours, theirs] = [gradient, c.gradient].map((values) => finite.map((i) => Number(values[i])));
    expect(difference(ours ?? [], theirs ?? [])).toBeLessThan(1e-4);
    expect(finite.length).toBeGreaterThan(0);
  });

  test("is that of all alignments together", () => {
    for (const [classes, steps, labels] of [
      [3, 4, [1, 2]],
      [3, 5, [1, 1]],
      [2, 6, [1, 1, 1]],
      [4, 3, [3, 1, 2]],
      [3, 4, []],
    ] as const) {
      const logits = Array.from(randomFloats(steps * classes, classes * steps), (value) => 2 * value);
      const { losses } = run({
        ...{ shape: [1, steps, classes], logits, labels: [...labels, 1], blank: 0, zeroInfinity: false },
        ...{ labelLengths: [labels.length], inputLengths: [steps] },
      });
      expect(losses[0]).toBeCloseTo(bruteForce(logits, steps, classes, labels.join(), 0), 4);
    }
  });

  test("of no steps is 0 without labels and infinite with some", () => {
    const { losses, gradient } = run({
      ...{ shape: [2, 2, 3], logits: [...randomFloats(12, 1)], labels: [1, 1], blank: 0, zeroInfinity: true },
      ...{ labelLengths: [0, 0], inputLengths: [0, 2] },
    });
    expect(losses[0]).toBeCloseTo(0, 6);
    expect(gradient.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    const none = run({
      ...{ shape: [1, 2, 3], logits: [...randomFloats(6, 1)], labels: [1], blank: 0, zeroInfinity: false },
      ...{ labelLengths: [1], inputLengths: [0] },
    });
    expect(none.losses).toEqual([Number.POSITIVE_INFINITY]);
  });
});

/** A batch of many rows with random lengths. */
function large(batch: number, time: number, classes: number, most: number): Omit<Case, "name" | "losses" | "gradient"> {
  const draw = (count: number, seed: number, from: number, to: number): number[] =>
    Array.from(randomFloats(count, seed), (value) => from + Math.floor(((value + 1) / 2) * (to - from)));
  return {
    ...{ shape: [batch, time, classes], logits: Array.from(randomFloats(batch * time * classes, 3), (v) => 3 * v) },
    ...{ labels: draw(batch * most, 4, 1, classes), labelLengths: draw(batch, 5, 0, most + 1) },
    ...{ inputLengths: draw(batch, 6, time >> 1, time + 1), blank: 0, zeroInfinity: true },
  };
}

describe("the CTC kernel", () => {
  test("agrees with stock operations on a batch of many lengths", async () => {
    const c = large(9, 20, 6, 7);
    const ours = run(c);
    await tf.setBackend("cpu");
    const theirs = run(c);
    expect(difference(ours.losses, theirs.losses)).toBeLessThan(1e-4);
    expect(difference(ours.gradient, theirs.gradient)).toBeLessThan(1e-4);
  });

  test("has the gradient that small changes of the logits show", () => {
    const c = large(2, 6, 4, 2);
    const { gradient } = run(c);
    const total = (logits: readonly number[]): number => run({ ...c, logits }).losses.reduce((a, b) => a + b, 0);
    for (let i = 0; i < c.logits.length; i += 5) {
      const moved = (by: number): number[] => c.logits.map((value, k) => (k === i ? value + by : value));
      const slope = (total(moved(0.01)) - total(moved(-0.01))) / 0.02;
      expect(gradient[i]).toBeCloseTo(slope, 2);
    }
  });

  test("keeps its digits over a thousand steps: the gradient of every step adds up to 0", () => {
    const [time, classes] = [1000, 5];
    const c = large(1, time, classes, 60);
    const { losses, gradient } = run({ ...c, inputLengths: [time], labelLengths: [60] });
    expect(Number.isFinite(losses[0])).toBe(true);
    for (let t = 0; t < time; t++) {
      const sum = gradient.slice(t * classes, (t + 1) * classes).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum)).toBeLessThan(1e-5);
    }
  });

  test("gives the same bytes with 1, 2, 3 and 5 threads, and leaves nothing in the memory", async () => {
    const c = large(17, 30, 8, 9);
    const results: unknown[] = [];
    for (const threads of [1, 2, 3, 5]) {
      await registerSimdBackend({ threads });
      results.push(run(c));
      expect(simdMemory()?.used).toBe(0);
    }
    expect(results.slice(1)).toEqual(Array(3).fill(results[0]));
  });

  test("refuses labels, lengths and shapes that do not fit", () => {
    const c = large(2, 4, 3, 2);
    expect(() => run({ ...c, labels: [1, 3, 1, 1], labelLengths: [2, 2] })).toThrow("row 0 has the label 3");
    expect(() => run({ ...c, labels: [1, 0, 1, 1], labelLengths: [2, 2] })).toThrow("row 0 has the label 0");
    expect(() => run({ ...c, labelLengths: [3, 0] })).toThrow("row 0 has 3 of at most 2 labels");
    expect(() => run({ ...c, inputLengths: [4, 5] })).toThrow("row 1 has 5 of at most 4 steps");
    expect(() => run({ ...c, inputLengths: [4] })).toThrow("Received: 2, 2 and 1");
    expect(() => run({ ...c, blank: 3 })).toThrow("blank must be one of 3 classes: 3");
  });
});
