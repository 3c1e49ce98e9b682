import { Random, rootSeed } from "@seqloom/core";
import { initializerOf, initializerSchema } from "@seqloom/models";
import { describe, expect, it } from "vitest";

function make(params: unknown, shape: readonly number[], seed = 1): Float32Array {
  return initializerOf(initializerSchema.parse(params))(shape, new Random(rootSeed(seed)));
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Largest difference of A Aᵀ from the identity, A being [rows, columns]. */
function distanceFromOrthonormalRows(values: Float32Array, rows: number, columns: number): number {
  let worst = 0;
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < rows; b++) {
      let dot = 0;
      for (let i = 0; i < columns; i++) dot += values[a * columns + i] * values[b * columns + i];
      worst = Math.max(worst, Math.abs(dot - (a === b ? 1 : 0)));
    }
  }
  return worst;
}

describe("uniform initializers", () => {
  it.each([
    ["glorot_uniform", [40, 60], Math.sqrt(6 / 100)],
    ["he_uniform", [40, 60], Math.sqrt(6 / 40)],
    ["uniform", [40, 60], 0.05],
    [{ uniform: { min: -2, max: 2 } }, [40, 60], 2],
  ] as const)("%j stays within its limit and fills it", (params, shape, limit) => {
    const values = make(params, shape);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
    expect(largest).toBeGreaterThan(0.99 * limit);
    expect(deviation(values)).toBeCloseTo(limit / Math.sqrt(3), 1);
  });
});

describe("normal initializers", () => {
  it.each([
    ["glorot_normal", Math.sqrt(2 / 400)],
    ["he_normal", Math.sqrt(2 / 100)],
    ["normal", 0.05],
    [{ normal: { stddev: 3 } }, 3],
  ] as const)("%j has its standard deviation", (params, expected) => {
    expect(deviation(make(params, [100, 300])) / expected).toBeCloseTo(1, 1);
  });

  it("glorot_normal draws nothing beyond two deviations of the normal that it cuts", () => {
    const limit = (2 * Math.sqrt(2 / 400)) / 0.8796256610342398;
    expect(make("glorot_normal", [100, 300]).every((value) => Math.abs(value) <= limit)).toBe(true);
  });
});

describe("orthogonal", () => {
  it.each([
    [8, 32],
    [32, 128],
    [5, 5],
  ])("has orthonormal rows over the whole of a %i by %i matrix", (rows, columns) => {
    expect(distanceFromOrthonormalRows(make("orthogonal", [rows, columns]), rows, columns)).toBeLessThan(1e-6);
  });

  it("has orthonormal columns when there are more rows", () => {
    const values = make("orthogonal", [12, 4]);
    const transposed = Float32Array.from(values, (_, i) => values[(i % 12) * 4 + Math.floor(i / 12)]);
    expect(distanceFromOrthonormalRows(transposed, 4, 12)).toBeLessThan(1e-6);
  });

  it("prefers no sign: the diagonal of Q is as often below zero as above", () => {
    const signs = Array.from({ length: 60 }, (_, seed) => Math.sign(make("orthogonal", [3, 3], seed)[0]));
    const above = signs.filter((sign) => sign > 0).length;
    expect(above).toBeGreaterThan(15);
    expect(above).toBeLessThan(45);
  });

  it("is scaled by its gain", () => {
    const plain = make("orthogonal", [3, 3]);
    expect(make({ orthogonal: { gain: 2 } }, [3, 3])).toEqual(plain.map((value) => 2 * value));
  });
});

describe("every initializer", () => {
  it("gives zeros and ones where these are asked for", () => {
    expect([...make("zeros", [3])]).toEqual([0, 0, 0]);
    expect([...make("ones", [2, 1])]).toEqual([1, 1]);
  });

  it("keeps its first values for ever", () => {
    const first = (params: unknown) => [...make(params, [4, 8], 42).slice(0, 3)].map((value) => value.toPrecision(7));
    expect({
      glorot_uniform: first("glorot_uniform"),
      glorot_normal: first("glorot_normal"),
      he_uniform: first("he_uniform"),
      uniform: first("uniform"),
      normal: first("normal"),
      orthogonal: first("orthogonal"),
    }).toMatchInlineSnapshot(`
      {
        "glorot_normal": [
          "0.8208989",
          "-0.05985952",
          "-0.3954525",
        ],
        "glorot_uniform": [
          "0.6518509",
          "-0.4368523",
          "0.3212643",
        ],
        "he_uniform": [
          "1.129039",
          "-0.7566504",
          "0.5564461",
        ],
        "normal": [
          "0.08843683",
          "-0.006448768",
          "-0.04260277",
        ],
        "orthogonal": [
          "0.5141130",
          "0.3775065",
          "-0.3121550",
        ],
        "uniform": [
          "0.04609282",
          "-0.03089012",
          "0.02271682",
        ],
      }
    `);
  });
});
