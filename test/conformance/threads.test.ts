import { setTimeout } from "node:timers/promises";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestOf } from "./digests.js";
import { largeScenarios } from "./scenarios/large.js";

const THREADS = [1, 2, 3, 5];

/** Threads begin with the first large piece of work, and until they are up the main one does all: they are waited for. */
async function startThreads(threads: number): Promise<void> {
  await registerSimdBackend({ threads });
  tf.tidy(() => void tf.matMul(tf.ones([200, 200]), tf.ones([200, 200])));
  await setTimeout(threads > 1 ? 400 : 0);
}

const digests = new Map<number, ReadonlyMap<string, string>>();

beforeAll(async () => {
  for (const threads of THREADS) {
    await startThreads(threads);
    const found = new Map<string, string>();
    for (const scenario of largeScenarios) found.set(scenario.name, await digestOf(scenario));
    digests.set(threads, found);
  }
});

afterAll(disposeSimd);

test.each(largeScenarios)("$name: the same bytes with 1, 2, 3 and 5 threads", ({ name }) => {
  const found = THREADS.map((threads) => digests.get(threads)?.get(name));
  expect(found[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(found).toEqual(THREADS.map(() => found[0]));
});
