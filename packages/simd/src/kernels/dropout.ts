import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { defineKernel, type Inputs, product } from "./define.js";

/** Attributes of the kernel `SeqloomDropoutMask`. */
export interface DropoutMaskAttributes {
  readonly shape: number[];
  /** 0 to 65536: a number is dropped where its 16 random bits are below. */
  readonly threshold: number;
  /** What the other numbers become. */
  readonly scale: number;
  /** Two 32-bit words: the key of the stream. */
  readonly key: number[];
}

function dropoutMask(backend: SimdBackend, _: Inputs, attributes: DropoutMaskAttributes): TensorInfo {
  const { shape, threshold, scale, key } = attributes;
  const { info, pointer } = backend.output(shape);
  const size = product(shape);
  // A threshold of 2^16, which 16 bits cannot hold, drops all.
  const task = [pointer, size, Math.min(threshold, 0xffff), ...key];
  const chunks = Math.ceil(size / Stretch.dropout);
  backend.runtime.run(Task.dropoutFactors, chunks, size * 5, task, [threshold > 0xffff ? 0 : scale]);
  return info;
}

/** Registers the kernel that makes masks of dropout. */
export function registerDropout(): void {
  defineKernel<DropoutMaskAttributes>("SeqloomDropoutMask", dropoutMask);
}
