import { type Json, Random, rootSeed } from "@seqloom/core";
import { openDevice, train } from "@seqloom/models";
import { simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { testContext } from "../support/context.js";
import { datasetOf, sizesOf } from "./data.js";

const STEPS = 1000;
const WARM = 20;

const KINDS: readonly (readonly [string, readonly Json[]])[] = [
  [
    "convolution and recurrence",
    [
      { embedding: { units: 6, mask_zero: true } },
      { dropout: { rate: 0.1 } },
      { conv_1d: { filters: 7, kernel_size: 3, padding: "same", activation: "relu" } },
      { bidirectional: { layer: { gru: { units: 5, return_sequences: true, dropout: 0.1 } } } },
      { lstm: { units: 5, recurrent_dropout: 0.1 } },
    ],
  ],
  [
    "attention and norms",
    [
      { embedding: { units: 8, mask_zero: true } },
      "positional_encoding",
      { transformer_encoder: { num_heads: 2, feed_forward: 9, dropout: 0.1 } },
      "batch_normalization",
      { simple_rnn: { units: 6, return_sequences: true } },
      { attention_pooling: {} },
    ],
  ],
];

test.each(KINDS)("1000 steps of %s leave no tensor, and the memory stays flat", async (_, layers) => {
  await openDevice("simd");
  const before = tf.memory().numTensors;
  const seen: { readonly tensors: number; readonly used: number; readonly reserved: number }[] = [];
  const look = (): void => {
    const { used, reserved } = simdMemory()!;
    seen.push({ tensors: tf.memory().numTensors, used, reserved });
  };
  const params = train.params.parse({
    layers: [...layers, { dense: { units: 3, activation: "softmax" } }],
    epochs: STEPS,
    batch_size: 100,
    clip_norm: 1,
  });
  const data = datasetOf(sizesOf({ input: "ids", lengths: "post", rows: 12 }));
  const { weights } = await train.fit(
    data as never,
    params,
    testContext({ device: "simd", epoch: look, random: new Random(rootSeed(1)) }),
  );
  expect(seen).toHaveLength(STEPS);
  const warm = seen.slice(WARM);
  expect(Math.max(...warm.map(({ tensors }) => tensors))).toBe(warm[0].tensors);
  expect(Math.max(...warm.map(({ used }) => used))).toBe(warm[0].used);
  expect(warm.at(-1)?.reserved).toBe(warm[0].reserved);
  for (const { values } of weights.values()) expect(values.every(Number.isFinite)).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
});
