import { attention, batchNorm, dense, gelu, layerNorm, maskedSoftmax, rmsNorm } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { randomFloats, randomTensor } from "./support.js";

afterEach(disposeSimd);

const [BATCH, TIME, WIDTH, HEADS] = [9, 70, 48, 4];

/** A block with everything in it: outputs and gradients as bytes. */
function block(): string {
  return tf.tidy(() => {
    const x = randomTensor([BATCH, TIME, WIDTH], 1);
    const steps = Array.from(randomFloats(BATCH * TIME, 2), (value) => (value > -0.5 ? 1 : 0));
    const mask = tf.tensor2d(steps, [BATCH, TIME], "bool");
    const parameters = [x, randomTensor([WIDTH, WIDTH], 3), randomTensor([WIDTH], 4), randomTensor([WIDTH, WIDTH], 5)];
    const loss = (...[input, kernel, gamma, second]: tf.Tensor[]): tf.Scalar => {
      const scale = gamma as tf.Tensor1D;
      const rows = layerNorm(input as tf.Tensor, scale, scale);
      const q = dense(rows, kernel as tf.Tensor2D) as tf.Tensor3D;
      const k = dense(rmsNorm(rows, scale), kernel as tf.Tensor2D) as tf.Tensor3D;
      const y = attention({ query: q, key: k, value: q, heads: HEADS, mask, causal: true });
      const { output } = batchNorm(gelu(dense(y, second as tf.Tensor2D)), scale, scale, mask);
      return tf.sum(tf.square(maskedSoftmax(tf.transpose(output, [0, 2, 1]), mask)));
    };
    const { value, grads } = tf.valueAndGrads(loss)(parameters);
    return [value, ...grads].map((tensor) => Buffer.from(tensor.dataSync().buffer).toString("base64")).join();
  });
}

describe("normalisation and attention", () => {
  test("give the same bytes with 1, 2, 3 and 5 threads", async () => {
    const results = new Set<string>();
    for (const threads of [1, 2, 3, 5]) {
      await registerSimdBackend({ threads });
      for (let round = 0; round < 5; round++) results.add(block());
      disposeSimd();
    }
    expect(results.size).toBe(1);
  });

  test("give back all that they take", async () => {
    await registerSimdBackend({ threads: 2 });
    block();
    const tensors = tf.memory().numTensors;
    const used = simdMemory()?.used;
    for (let round = 0; round < 10; round++) block();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(simdMemory()?.used).toBe(used);
  });

  test("give back what they took when the memory ends", async () => {
    await registerSimdBackend({ threads: 1, memoryLimit: 8 * 2 ** 20 });
    const x = randomTensor([4, 400, 8], 1) as tf.Tensor3D;
    const attend = (): tf.Tensor => tf.grad((given) => attend3(given as tf.Tensor3D))(x);
    const attend3 = (given: tf.Tensor3D): tf.Tensor => attention({ query: given, key: given, value: given, heads: 4 });
    attend3(x).dispose();
    const used = simdMemory()?.used;
    expect(() => tf.tidy(attend)).toThrow("Out of tensor memory");
    expect(simdMemory()?.used).toBe(used);
    x.dispose();
  });
});
