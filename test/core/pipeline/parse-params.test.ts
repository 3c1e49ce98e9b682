import fc from "fast-check";
import { expect, it } from "vitest";
import { z } from "zod";
import { parseParams, parseParamsByKey } from "../../../packages/core/dist/pipeline/parse-params.js";

const plain = z.strictObject({
  units: z.int().min(1),
  rate: z.number().min(0).lt(1).default(0.5),
  kind: z.enum(["a", "b"]).optional(),
  layers: z.array(z.strictObject({ size: z.int().default(3) })).default([{ size: 1 }]),
  name: z
    .string()
    .transform((text) => text.trim())
    .nullable()
    .default(null),
});
const whole = plain.refine(({ units, rate }) => units > 10 * rate, "too few units");

const written = fc.record(
  {
    units: fc.oneof(fc.integer({ min: -1, max: 9 }), fc.constant("3")),
    rate: fc.oneof(fc.constantFrom(0, -0, 0.25, 1), fc.constant(null)),
    kind: fc.constantFrom("a", "b", "c"),
    layers: fc.array(fc.record({ size: fc.integer({ min: 1, max: 3 }) }, { requiredKeys: [] }), { maxLength: 2 }),
    name: fc.constantFrom("x", " x ", null),
    other: fc.constant(1),
  },
  { requiredKeys: ["units"] },
);

it("parameters that are checked key by key are those that the whole schema gives, and so is what is wrong with them", () => {
  const parse = parseParamsByKey();
  for (const schema of [plain, whole]) {
    fc.assert(
      fc.property(written, (value) => {
        const [byKey, all] = [parse(schema, value), parseParams(schema, value)];
        expect(JSON.stringify(byKey)).toBe(JSON.stringify(all));
      }),
      { numRuns: 300 },
    );
  }
});

it("a value that is met again is not checked again, and gives the same object", () => {
  let checked = 0;
  const counted = z.strictObject({
    layers: z.array(z.int()).refine(() => ++checked > 0),
    units: z.int(),
  });
  const parse = parseParamsByKey();
  const layers = [1, 2];
  const [first, second] = [parse(counted, { layers, units: 1 }), parse(counted, { layers, units: 2 })];
  expect(checked).toBe(1);
  expect(first.success && second.success && first.data.layers === second.data.layers).toBe(true);
});
