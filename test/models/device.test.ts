import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { openDevice } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { diagnosticsOf } from "./helpers.js";

describe("openDevice", () => {
  it("chooses the backend of its name, and keeps the tensors of others", async () => {
    const device = await openDevice("simd");
    expect(device.name).toBe("simd");
    const kept = tf.tensor1d([1, 2]);
    expect((await openDevice("cpu")).tf.getBackend()).toBe("cpu");
    await openDevice("simd");
    expect(tf.getBackend()).toBe("simd");
    expect([...kept.dataSync()]).toEqual([1, 2]);
    kept.dispose();
  });

  it("says the names of the devices for one that is not there", async () => {
    expect(await diagnosticsOf(openDevice("gpu0"))).toEqual([
      {
        code: "unknown-device",
        severity: "error",
        message: 'there is no device "gpu0"',
        hint: "Valid devices: simd, webgpu, tensorflow, cpu.",
      },
    ]);
  });
});

const native = createRequire(import.meta.url).resolve("@seqloom/models/package.json");
const binding = `${native.slice(0, -"package.json".length)}node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node`;

describe.skipIf(existsSync(binding))("device tensorflow without its native library", () => {
  it("says what is missing and how to get it", async () => {
    const [found] = await diagnosticsOf(openDevice("tensorflow"));
    expect(found.code).toBe("device-unavailable");
    expect(found.message).toContain('device "tensorflow"');
    expect(found.hint).toContain("@tensorflow/tfjs-node-gpu");
    expect(found.hint).toContain("CUDA 11.2");
    expect(found.hint).toContain("Device simd needs neither.");
  });
});

describe("importing the stages", () => {
  it("does not load TensorFlow.js", () => {
    const code = `
      const isLoaded = () => globalThis._tfengine !== undefined;
      await import("@seqloom/models");
      const before = isLoaded();
      await import("@tensorflow/tfjs-core");
      console.log(before, isLoaded());`;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    expect(out.trim()).toBe("false true");
  });
});
