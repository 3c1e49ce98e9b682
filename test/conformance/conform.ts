import { afterAll, describe, expect, test } from "vitest";
import { gradientError } from "./gradients.js";
import { scenarios } from "./scenarios/index.js";
import { conformanceTable, type Measured } from "./table.js";
import { apart, type Outcome, trainOn, weightsApart } from "./train.js";

const REFERENCE = "cpu";
const TOLERANCE = 1e-4;
/** Of derivatives, which come from outputs of 32 bits. */
const GRADIENT_TOLERANCE = 1e-3;

const references = new Map<string, Outcome>();

/**
 * Trains every scenario for three steps on a backend, beside the plain JavaScript backend `cpu` from the same weights and data, and
 * prints the table. With finite differences, each scenario takes some hundred passes more: too many for a simulated GPU.
 */
export function conform(backend: string, differences: boolean): void {
  describe(backend, () => {
    const measured: Measured[] = [];
    afterAll(() => void process.stdout.write(conformanceTable(backend, measured)));

    test.each(scenarios)("$name", { timeout: 180_000 }, async (scenario) => {
      const reference = references.get(scenario.name) ?? (await trainOn(REFERENCE, scenario));
      references.set(scenario.name, reference);
      const outcome = await trainOn(backend, scenario);
      const gradients = differences && scenario.gradients === true ? await gradientError(backend, scenario) : null;
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
}
