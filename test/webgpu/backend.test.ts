import { openDevice } from "@seqloom/models";
import { disposeWebgpu, webgpuDispatches } from "@seqloom/webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Scenario } from "../conformance/train.js";
import { trainOn } from "../conformance/train.js";
import { simulateGpu } from "./simulated.js";

const missing = await simulateGpu();

/** The model of movie reviews, on rows of its own. */
const reviews: Scenario = {
  name: "movie reviews",
  data: { input: "ids", rows: 12, time: 9, width: 50, classes: 2 },
  layers: [{ embedding: { units: 8 } }, { lstm: { units: 8 } }, { dense: { units: 2, activation: "softmax" } }],
};

/** The device under the backend. */
function device(): GPUDevice {
  return (tf.backend() as unknown as { readonly device: GPUDevice }).device;
}

describe.skipIf(missing !== null)("the backend webgpu", () => {
  beforeEach(async () => void (await openDevice("webgpu")));
  afterAll(disposeWebgpu);

  it("gives the same bytes each time", async () => {
    const outcomes = [await trainOn("webgpu", reviews), await trainOn("webgpu", reviews)];
    expect(outcomes[0].weights.size).toBeGreaterThan(3);
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it("adds the rows of each number in their order", async () => {
    const rows = 200;
    const ids = Int32Array.from({ length: rows }, (_, i) => (i * 7) % 5);
    const values = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i) * 10 ** (i % 7));
    const expected = new Float32Array(6 * 3);
    ids.forEach((id, row) => {
      for (let i = 0; i < 3; i++) expected[id * 3 + i] += values[row * 3 + i];
    });
    const sums = tf.tidy(() => tf.unsortedSegmentSum(tf.tensor2d(values, [rows, 3]), tf.tensor1d(ids, "int32"), 6));
    expect(await sums.data()).toEqual(expected);
    sums.dispose();
  });

  it("converts the numbers of a mask", async () => {
    const sums = tf.tidy(() => {
      const mask = tf.notEqual(tf.tensor3d([0, 1, 2, 0, 3, 0], [1, 2, 3], "int32"), 0);
      return tf.transpose(tf.cast(mask, "float32"), [0, 2, 1]);
    });
    expect(Array.from(await sums.data())).toEqual([0, 0, 1, 1, 1, 0]);
    sums.dispose();
  });

  it("takes at most 150 calls of shaders for a step of the model of movie reviews", async () => {
    const before = webgpuDispatches();
    await trainOn("webgpu", reviews);
    const perStep = (webgpuDispatches() - before) / 3;
    console.log(`webgpu: ${perStep.toFixed(1)} calls of shaders a training step`);
    expect(perStep).toBeGreaterThan(5);
    expect(perStep).toBeLessThanOrEqual(150);
  });

  it("tells of a shader that does not compile at the next read, and can be opened again", async () => {
    device().createShaderModule({ code: "this is no shader" });
    await expect(tf.add(tf.ones([3]), 1).data()).rejects.toMatchObject({ diagnostics: [{ code: "gpu-error" }] });
    await openDevice("webgpu");
    expect(Array.from(await tf.add(tf.ones([3]), 1).data())).toEqual([2, 2, 2]);
  });

  it("tells of a GPU that is lost, and can be opened again", async () => {
    device().destroy();
    await expect(tf.add(tf.ones([3]), 1).data()).rejects.toMatchObject({ diagnostics: [{ code: "gpu-lost" }] });
    await openDevice("webgpu");
    expect(Array.from(await tf.add(tf.ones([3]), 1).data())).toEqual([2, 2, 2]);
  });

  it("tells of memory that has ended, and what to do", async () => {
    const error = new GPUOutOfMemoryError("no room for 8 GiB");
    device().dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
    await expect(tf.add(tf.ones([3]), 1).data()).rejects.toMatchObject({
      diagnostics: [{ code: "out-of-memory", hint: expect.stringContaining("batch_size") }],
    });
  });
});
