import type { ProfileRow } from "@seqloom/core";
import { BETWEEN_KERNELS, openDevice, profileSteps } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { contextOf, modelDigest, ORDER_LAYERS, orderData, runTrain } from "../helpers.js";

const params = { layers: ORDER_LAYERS, epochs: 2, batch_size: 8 };

beforeAll(() => openDevice("simd"));

describe("profileSteps", () => {
  it("counts the calls of each kernel, the longest first, and adds up to the whole time", async () => {
    const device = await openDevice("simd");
    const started = performance.now();
    const { result, rows } = await profileSteps(device, () =>
      tf.tidy(() => {
        const x = tf.ones([200, 200]);
        for (let i = 0; i < 4; i++) tf.add(x, x);
        return tf.sum(tf.matMul(x, x)).dataSync()[0];
      }),
    );
    const whole = performance.now() - started;
    expect(result).toBe(200 ** 3);
    const calls = Object.fromEntries(rows.map((row) => [row.name, row.calls]));
    expect(calls).toMatchObject({ Add: 4, BatchMatMul: 1, Sum: 1, [BETWEEN_KERNELS]: 0 });
    const kernels = rows.slice(0, -1).map(({ ms }) => ms);
    expect(kernels).toEqual([...kernels].sort((a, b) => b - a));
    expect(rows.at(-1)?.name).toBe(BETWEEN_KERNELS);
    const sum = rows.reduce((total, { ms }) => total + ms, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(whole);
  });

  it("puts the kernels back, also when the work fails", async () => {
    const device = await openDevice("simd");
    const before = tf.getKernel("Add", "simd")?.kernelFunc;
    const failing = profileSteps(device, () => {
      expect(tf.getKernel("Add", "simd")?.kernelFunc).not.toBe(before);
      throw new Error("in the middle");
    });
    await expect(failing).rejects.toThrow("in the middle");
    expect(tf.getKernel("Add", "simd")?.kernelFunc).toBe(before);
  });

  it("gives a kernel that calls another only its own time", async () => {
    const device = await openDevice("simd");
    const busy = (ms: number): [] => {
      for (const end = performance.now() + ms; performance.now() < end; );
      return [];
    };
    const inner = { kernelName: "TestInner", backendName: "simd", kernelFunc: () => busy(300) };
    const kernelFunc = (): [] => {
      tf.engine().runKernel("TestInner", {});
      return busy(2);
    };
    const outer = { kernelName: "TestOuter", backendName: "simd", kernelFunc };
    tf.registerKernel(inner);
    tf.registerKernel(outer);
    try {
      const { rows } = await profileSteps(device, () => void tf.engine().runKernel("TestOuter", {}));
      expect(rows.slice(0, 2).map(({ name, calls }) => [name, calls])).toEqual([
        ["TestInner", 1],
        ["TestOuter", 1],
      ]);
    } finally {
      tf.unregisterKernel("TestInner", "simd");
      tf.unregisterKernel("TestOuter", "simd");
    }
  });
});

describe("models/train", () => {
  it("tells where its time went when the run asks, and gives the same bytes", async () => {
    const told: (readonly ProfileRow[])[] = [];
    const plain = await runTrain(orderData(40), params);
    const profiled = await runTrain(orderData(40), params, contextOf(1, { profile: (rows) => void told.push(rows) }));
    expect(await modelDigest(profiled.state)).toBe(await modelDigest(plain.state));
    expect(told.map(([row]) => row.part)).toEqual(["training", "prediction"]);
    const calls = new Map(told[0].map((row) => [row.name, row.calls]));
    // 20 train rows in batches of 8 and 10 validation rows in one, twice.
    expect(calls.get("SeqloomLstmGrad")).toBe(6);
    expect(calls.get("SeqloomLstm")).toBe(8);
  });
});
