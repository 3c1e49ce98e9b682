import { adam, clipByGlobalNorm, clipByValue, globalNorm, type Optimizer, sgd } from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
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
];

describe("optimizers", () => {
  test.each(OPTIMIZERS)("%s takes the same steps on simd and cpu", async (_, make) => {
    expect(difference(await afterSteps("simd", make, 20), await afterSteps("cpu", make, 20))).toBeLessThan(1e-5);
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

  test("by value brings every entry into the range", async () => {
    const [values] = await valuesOn("simd", () => [clipByValue({ b: tf.tensor1d([3, -4, 0.5]) }, 1).b as tf.Tensor]);
    expect(values).toEqual([1, -1, 0.5]);
  });
});
