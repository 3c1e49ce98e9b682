/**
 * @file Every kind of layer, optimiser and loss, trained for three steps on the backends that `SEQLOOM_CONFORMANCE` names
 * (`simd`, or several: `simd,tensorflow`), beside the plain JavaScript backend `cpu` from the same weights and data.
 */
import { layers, lossNames } from "@seqloom/models";
import { describe, expect, test } from "vitest";
import { conform } from "./conform.js";
import { scenarios } from "./scenarios/index.js";
import type { Scenario } from "./train.js";

const backends = (process.env.SEQLOOM_CONFORMANCE || "simd").split(",").map((name) => name.trim());

describe("the scenarios", () => {
  const text = (some: readonly Scenario[]): string => JSON.stringify(some.map((one) => [one.layers, one.with]));

  test("are many, and no two have the same name", () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(80);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  test.each(Object.keys(layers))("have the layer %s, also where gradients are checked", (layer) => {
    expect(text(scenarios.filter(({ gradients }) => gradients))).toContain(`"${layer}"`);
  });

  test.each(lossNames)("have the loss %s, by name or by the layer that it belongs to", (loss) => {
    const heads: Readonly<Record<string, string>> = { sparse_categorical_crossentropy: "softmax" };
    expect(text(scenarios)).toContain(`"${heads[loss] ?? loss}"`);
  });
});

for (const backend of backends) conform(backend, true);
