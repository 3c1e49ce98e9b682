/**
 * @file Every kind of layer, optimiser and loss, trained for three steps on the backends that `SEQLOOM_CONFORMANCE` names
 * (`simd`, or several: `simd,tensorflow`), beside the plain JavaScript backend `cpu` from the same weights and data.
 */
import { layers, lossNames } from "@seqloom/models";
import { afterAll, describe, expect, test } from "vitest";
import { gradientError } from "./gradients.js";
import { scenarios } from "./scenarios/index.js";
import { conformanceTable, type Measured } from "./table.js";
import { apart, type Outcome, type Scenario, trainOn, weightsApart } from "./train.js";

const REFERENCE = "cpu";
const TOLERANCE = 1e-4;
/** Of derivatives, which come from outputs of 32 bits. */
const GRADIENT_TOLERANCE = 1e-3;

const backends = (process.env.SEQLOOM_CONFORMANCE || "simd").split(",").map((name) => name.trim());
const references = new Map<string, Outcome>();

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

describe.each(backends)("%s", (backend) => {
  const measured: Measured[] = [];
  afterAll(() => void process.stdout.write(conformanceTable(backend, measured)));

  test.each(scenarios)("$name", async (scenario) => {
    const reference = references.get(scenario.name) ?? (await trainOn(REFERENCE, scenario));
    references.set(scenario.name, reference);
    const outcome = await trainOn(backend, scenario);
    const gradients = scenario.gradients === true ? await gradientError(backend, scenario) : null;
    const found: Measured = {
      name: scenario.name,
      weights: weightsApart(outcome, reference),
      loss: apart(outcome.losses, reference.losses),
      gradients,
    };
    measured.push(found);
    expect(outcome.losses).toHaveLength(3);
    expect(found.weights).toBeLessThan(TOLERANCE);
    expect(found.loss).toBeLessThan(TOLERANCE);
    expect(found.gradients ?? 0).toBeLessThan(GRADIENT_TOLERANCE);
    expect(outcome.leaked).toBe(0);
  });
});
