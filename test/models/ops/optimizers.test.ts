import { readFileSync } from "node:fs";
import {
  adagrad,
  adam,
  adamw,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  globalNormFactor,
  nadam,
  type Optimizer,
  rmsprop,
  sgd,
  weightPenalty,
} from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomFloats, useSimd, valuesOn } from "../../simd/support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const SIZE = 103;

/** The values of a variable after some steps with fixed gradients. */
async function afterSteps(backend: string, make: () => Optimizer, steps: number): Promise<number[]> {
  await tf.setBackend(backend);
  const variable = tf.variable(tf.tensor1d(randomFloats(SIZE, 1)), true, `w-${backend}-${steps}`);
  const optimizer = make();
  for (let i = 0; i < steps; i++)
    tf.tidy(() => optimizer.step({ [variable.name]: tf.tensor1d(randomFloats(SIZE, i + 2)) }));
  const values = Array.from(variable.dataSync());
  variable.dispose();
  optimizer.dispose();
  return values;
}

const OPTIMIZERS: readonly [string, () => Optimizer][] = [
  ["adam", () => adam({ learningRate: 0.01 })],
  ["adam with other parameters", () => adam({ learningRate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 })],
  ["sgd", () => sgd({ learningRate: 0.1 })],
  ["sgd with momentum", () => sgd({ learningRate: 0.1, momentum: 0.9 })],
  ["sgd with Nesterov's momentum", () => sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true })],
  ["rmsprop", () => rmsprop({ learningRate: 0.01 })],
  ["rmsprop, centered, with momentum", () => rmsprop({ learningRate: 0.01, rho: 0.8, momentum: 0.5, centered: true })],
  ["adamw", () => adamw({ learningRate: 0.01, weightDecay: 0.1 })],
  ["adagrad", () => adagrad({ learningRate: 0.1 })],
  ["nadam", () => nadam({ learningRate: 0.01 })],
];

const reference = JSON.parse(readFileSync(new URL("./reference/optimizers.json", import.meta.url), "utf8")) as {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
};

describe("optimizers", () => {
  test.each(OPTIMIZERS)("%s takes the same steps on simd and cpu", async (_, make) => {
    expect(difference(await afterSteps("simd", make, 20), await afterSteps("cpu", make, 20))).toBeLessThan(1e-5);
  });

  test.each(["simd", "cpu"])(
    "on %s take the steps of PyTorch, or of the formula in numbers of double precision",
    async (backend) => {
      await tf.setBackend(backend);
      const named = new Map(OPTIMIZERS);
      for (const [name, expected] of Object.entries(reference.weights)) {
        const variable = tf.variable(tf.tensor1d([...reference.start]), true, `torch-${backend}-${name}`);
        const optimizer = (named.get(name) as () => Optimizer)();
        for (const gradient of reference.gradients) {
          tf.tidy(() => optimizer.step({ [variable.name]: tf.tensor1d([...gradient]) }));
        }
        expect.soft(difference(Array.from(variable.dataSync()), expected), name).toBeLessThan(2e-5);
        variable.dispose();
        optimizer.dispose();
      }
    },
  );

  test("put epsilon where Keras does: added to the root in Adam's family, under it in RMSProp and Adagrad", async () => {
    await tf.setBackend("simd");
    const [g, epsilon] = [0.5, 0.3];
    const step = (make: Optimizer): number => {
      const variable = tf.variable(tf.scalar(1), true);
      tf.tidy(() => make.step({ [variable.name]: tf.scalar(g) }));
      const [value] = variable.dataSync();
      variable.dispose();
      make.dispose();
      return value as number;
    };
    expect(step(rmsprop({ learningRate: 1, epsilon }))).toBeCloseTo(1 - g / Math.sqrt(0.1 * g * g + epsilon), 5);
    expect(step(adagrad({ learningRate: 1, epsilon }))).toBeCloseTo(1 - g / Math.sqrt(0.1 + g * g + epsilon), 5);
    expect(step(adam({ learningRate: 1, epsilon }))).toBeCloseTo(
      1 - (Math.sqrt(0.001) * g) / (Math.sqrt(0.001) * g + epsilon),
      5,
    );
    const [u1, u2] = [0.9 * (1 - 0.5 * 0.96), 0.9 * (1 - 0.5 * 0.96 ** 2)];
    const ahead = (u2 * 0.1 * g) / (1 - u1 * u2) + ((1 - u1) * g) / (1 - u1);
    expect(step(nadam({ learningRate: 1, epsilon }))).toBeCloseTo(1 - ahead / (g + epsilon), 5);
    // Decay counts the rate, and has no part in the running values.
    expect(step(adamw({ learningRate: 0.5, weightDecay: 0.2, epsilon: 1e-9 }))).toBeCloseTo(0.9 - 0.5, 5);
  });

  test.each(OPTIMIZERS)("%s multiplies gradients by the factor", async (_, make) => {
    for (const backend of ["simd", "cpu"]) {
      await tf.setBackend(backend);
      const [whole, half] = [1, 0.5].map((factor) => {
        const variable = tf.variable(tf.tensor1d(randomFloats(SIZE, 1)), true);
        const optimizer = make();
        for (let i = 0; i < 3; i++) {
          const gradient = tf.tensor1d(randomFloats(SIZE, i + 2).map((value) => value / factor));
          optimizer.step({ [variable.name]: gradient }, factor);
          gradient.dispose();
        }
        const values = Array.from(variable.dataSync());
        variable.dispose();
        optimizer.dispose();
        return values;
      });
      expect(half).toEqual(whole);
    }
  });

  test.each(OPTIMIZERS)("%s gives the same bytes with 1, 2, 3 and 5 threads", async (_, make) => {
    const results: number[][] = [];
    for (const threads of [1, 2, 3, 5]) {
      await registerSimdBackend({ threads });
      const variable = tf.variable(tf.tensor1d(randomFloats(70_001, 1)), true);
      const optimizer = make();
      for (let i = 0; i < 3; i++) {
        tf.tidy(() => optimizer.step({ [variable.name]: tf.tensor1d(randomFloats(70_001, i + 2)) }));
      }
      results.push(Array.from(variable.dataSync()));
      variable.dispose();
      optimizer.dispose();
    }
    for (const result of results.slice(1)) expect(difference(result, results[0] ?? [])).toBe(0);
  });

  test("adam's first steps are those of the formula", async () => {
    const [w1] = await afterSteps("simd", () => adam({ learningRate: 0.5 }), 1);
    const w0 = randomFloats(SIZE, 1)[0] as number;
    const g = randomFloats(SIZE, 2)[0] as number;
    const rate = (0.5 * Math.sqrt(1 - 0.999)) / (1 - 0.9);
    expect(w1).toBeCloseTo(w0 - (rate * 0.1 * g) / (Math.sqrt(0.001 * g * g) + 1e-7), 4);
  });

  test.each(OPTIMIZERS)("%s goes on from its state as if it had not stopped, to the bit", async (_, make) => {
    await tf.setBackend("simd");
    const run = async (stop: boolean): Promise<Float32Array> => {
      const variable = tf.variable(tf.tensor1d(randomFloats(SIZE, 1)), true, `resumed-${stop}`);
      let optimizer = make();
      for (let i = 0; i < 8; i++) {
        if (stop && i === 4) {
          const state = JSON.stringify(await optimizer.state(), (_key, value) =>
            value instanceof Float32Array ? [...value] : value,
          );
          const { name, iterations, slots } = JSON.parse(state.replaceAll(/resumed-true/g, "resumed-true"));
          optimizer.dispose();
          optimizer = make();
          optimizer.restore({ name, iterations, slots });
        }
        tf.tidy(() => optimizer.step({ [variable.name]: tf.tensor1d(randomFloats(SIZE, i + 2)) }));
      }
      const values = variable.dataSync() as Float32Array;
      variable.dispose();
      optimizer.dispose();
      return values;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test("does not change tensors that had the variable's values before the step", async () => {
    await tf.setBackend("simd");
    const variable = tf.variable(tf.tensor1d([1, 2, 3]), true, "shared");
    const before = tf.clone(variable);
    const read = variable.dataSync();
    const optimizer = sgd({ learningRate: 1 });
    tf.tidy(() => optimizer.step({ shared: tf.tensor1d([1, 1, 1]) }));
    expect([Array.from(before.dataSync()), Array.from(read), Array.from(variable.dataSync())]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [0, 1, 2],
    ]);
    tf.dispose([variable, before]);
  });

  test("says when there is no variable of a name", async () => {
    await tf.setBackend("simd");
    expect(() => tf.tidy(() => sgd().step({ nobody: tf.scalar(1) }))).toThrow(
      'There is a gradient for "nobody" but no variable of that name',
    );
  });

  test("does not take another optimizer's state", () => {
    expect(() => adam().restore({ name: "sgd", iterations: 1, slots: {} })).toThrow(
      'The state is of the optimizer "sgd", not of "adam"',
    );
  });
});

describe("clipping", () => {
  const gradients = (): tf.NamedTensorMap => ({ a: tf.tensor1d(randomFloats(SIZE, 1)), b: tf.tensor1d([3, -4]) });

  test("by the norm of all gradients together agrees between backends", async () => {
    for (const limit of [0.5, 100]) {
      expect(
        await differenceFromCpu(() => [
          globalNorm(gradients()),
          ...Object.values(clipByGlobalNorm(gradients(), limit)),
        ]),
      ).toBeLessThan(1e-6);
    }
  });

  test("by the norm scales to the limit and leaves smaller gradients alone", async () => {
    const [clipped, same] = await valuesOn("simd", () => [
      clipByGlobalNorm({ b: tf.tensor1d([3, -4]) }, 1).b as tf.Tensor,
      clipByGlobalNorm({ b: tf.tensor1d([3, -4]) }, 6).b as tf.Tensor,
    ]);
    expect(difference(clipped ?? [], [0.6, -0.8])).toBeLessThan(1e-6);
    expect(same).toEqual([3, -4]);
  });

  test("the factor of the norm is 1 for gradients that are small enough, and not a number for those that are not finite", async () => {
    for (const backend of ["simd", "cpu"]) {
      await tf.setBackend(backend);
      const factor = (values: number[], limit: number): number =>
        tf.tidy(() => globalNormFactor({ a: tf.tensor1d(values), b: tf.tensor1d([0]) }, limit));
      expect(factor([3, -4], 6)).toBe(1);
      expect(factor([3, -4], 1)).toBeCloseTo(0.2, 6);
      expect(factor([3, Number.POSITIVE_INFINITY], 1)).toBeNaN();
    }
  });

  test("by value brings every entry into the range", async () => {
    const [values] = await valuesOn("simd", () => [clipByValue({ b: tf.tensor1d([3, -4, 0.5]) }, 1).b as tf.Tensor]);
    expect(values).toEqual([1, -1, 0.5]);
  });
});

describe("the penalty of weights", () => {
  const values = (): tf.Tensor1D => tf.tensor1d([...randomFloats(SIZE, 1), 0, -2, 3]);

  test("agrees between backends, with its gradient", async () => {
    for (const [l1, l2] of [
      [0.01, 0],
      [0, 0.02],
      [0.3, 0.4],
    ] as const) {
      expect(
        await differenceFromCpu(() => [
          weightPenalty(values(), l1, l2),
          tf.grad((w) => tf.mul(weightPenalty(w, l1, l2), 3))(values()),
        ]),
      ).toBeLessThan(1e-5);
    }
  });

  test("is l1 times the sizes and l2 times the squares; a weight of 0 is left where it is", async () => {
    const [cost, slope] = await valuesOn("simd", () => [
      weightPenalty(tf.tensor1d([0, -2, 3]), 0.5, 0.25),
      tf.grad((w) => weightPenalty(w, 0.5, 0.25))(tf.tensor1d([0, -2, 3])),
    ]);
    expect(cost).toEqual([0.5 * 5 + 0.25 * 13]);
    expect(slope).toEqual([0, -0.5 - 1, 0.5 + 1.5]);
  });
});
