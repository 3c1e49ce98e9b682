import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { adam, clipByGlobalNorm, dense, embedding, lstm, softmaxCrossEntropy } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { randomFloats, randomTensor } from "../../simd/support.js";

afterEach(disposeSimd);

const [BATCH, TIME, VOCABULARY, WIDTH, UNITS, CLASSES] = [37, 13, 211, 24, 18, 3] as const;

/** A small model in training; every number in it is fixed. */
function startTraining() {
  const weight = (name: string, shape: number[], seed: number): tf.Variable =>
    tf.tidy(() => tf.variable(tf.mul(randomTensor(shape, seed), 0.3), true, name));
  const table = weight("table", [VOCABULARY, WIDTH], 1);
  const kernel = weight("kernel", [WIDTH, 4 * UNITS], 2);
  const recurrent = weight("recurrent", [UNITS, 4 * UNITS], 3);
  const bias = weight("bias", [4 * UNITS], 4);
  const output = weight("output", [UNITS, CLASSES], 5);
  const outputBias = weight("output-bias", [CLASSES], 6);
  const variables = [table, kernel, recurrent, bias, output, outputBias];
  const numbers = randomFloats(BATCH * TIME, 7).map((value) => Math.floor((value + 1) * (VOCABULARY / 2)));
  const ids = tf.tensor2d(Int32Array.from(numbers), [BATCH, TIME], "int32");
  const labels = tf.tensor1d(
    Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES),
    "int32",
  );
  const optimizer = adam({ learningRate: 0.01 });
  const step = (): number => {
    const { value, grads } = tf.variableGrads(() => {
      const x = embedding(ids, table as tf.Tensor2D);
      const mask = tf.notEqual(ids, 0) as tf.Tensor2D;
      const state = lstm({
        x,
        kernel: kernel as tf.Tensor2D,
        recurrentKernel: recurrent as tf.Tensor2D,
        bias: bias as tf.Tensor1D,
        mask,
      });
      const logits = dense(state.output, output as tf.Tensor2D, outputBias as tf.Tensor1D);
      return tf.mean(softmaxCrossEntropy(logits as tf.Tensor2D, labels)) as tf.Scalar;
    });
    const clipped = clipByGlobalNorm(grads, 1);
    optimizer.step(clipped);
    const loss = value.dataSync()[0] as number;
    tf.dispose([value, grads, clipped]);
    return loss;
  };
  const stop = (): void => {
    optimizer.dispose();
    tf.dispose([...variables, ids, labels]);
  };
  return { variables, step, stop };
}

/** Digest of all weights after some steps. */
async function digestWith(threads: number): Promise<string> {
  await registerSimdBackend({ threads });
  const { variables, step, stop } = startTraining();
  const losses = Array.from({ length: 5 }, step);
  const hash = createHash("sha256").update(JSON.stringify(losses));
  for (const variable of variables) hash.update(Buffer.from((variable.dataSync() as Float32Array).buffer));
  stop();
  disposeSimd();
  return hash.digest("hex");
}

describe("training", () => {
  test("lowers the loss, and leaks neither tensors nor memory over a thousand steps", async () => {
    await registerSimdBackend({ threads: 2 });
    const { step, stop } = startTraining();
    const first = step();
    for (let i = 0; i < 9; i++) step();
    const before = { tensors: tf.memory().numTensors, memory: simdMemory() };
    for (let i = 0; i < 990; i++) step();
    expect(step()).toBeLessThan(first / 10);
    expect({ tensors: tf.memory().numTensors, memory: simdMemory() }).toEqual(before);
    stop();
    expect(simdMemory()?.used).toBe(0);
  });

  test("gives the same bytes with 1, 2, 3 and 5 threads", async () => {
    const digests: string[] = [];
    for (const threads of [1, 2, 3, 5]) digests.push(await digestWith(threads));
    expect(new Set(digests).size).toBe(1);
  });

  test("gives the same bytes as it did when this test was written, on any machine", async () => {
    expect(await digestWith(2)).toMatchInlineSnapshot(
      `"ac732d183294e9052f46ba4d473b8e17f9044f04ec661d24b3eac747bc354de2"`,
    );
  });
});

test("an LSTM that does not fit in the memory leaves nothing behind", async () => {
  await registerSimdBackend({ threads: 1, memoryLimit: 16 * 2 ** 20 });
  const [x, kernel, recurrentKernel] = [
    randomTensor([256, 60, 32], 1),
    randomTensor([32, 256], 2),
    randomTensor([64, 256], 3),
  ];
  const train = (): unknown =>
    tf.grad((w) =>
      tf.sum(
        lstm({ x: x as tf.Tensor3D, kernel: w as tf.Tensor2D, recurrentKernel: recurrentKernel as tf.Tensor2D }).output,
      ),
    )(kernel as tf.Tensor2D);
  expect(() => tf.tidy(() => void train())).toThrow("Use a smaller batch_size");
  tf.dispose([x, kernel, recurrentKernel]);
  expect(simdMemory()?.used).toBe(0);
});

test("a process ends while the threads wait for work", async () => {
  const script = `
    import { registerSimdBackend } from "@seqloom/simd";
    import * as tf from "@tensorflow/tfjs-core";
    await registerSimdBackend({ threads: 3 });
    const a = tf.ones([300, 300]);
    console.log(tf.matMul(a, a).dataSync()[0]);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    timeout: 20_000,
  });
  expect(stdout.trim()).toBe("300");
});
