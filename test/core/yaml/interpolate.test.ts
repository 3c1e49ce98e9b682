import { describe, expect, it } from "vitest";
import type { Problem } from "../../../packages/core/dist/pipeline/spec.js";
import { interpolate, resolveParams } from "../../../packages/core/dist/yaml/interpolate.js";

const scope = { name: "n", seed: 3, params: { units: 32, on: true, list: [1, 2], deep: { x: 1.5 }, word: "w" } };

function fill(text: string): { value: unknown; codes: string[] } {
  const problems: Problem[] = [];
  return { value: interpolate({ a: [text] }, scope, ["with"], problems), codes: problems.map(({ code }) => code) };
}

describe("interpolate", () => {
  it.each([
    ["${params.units}", 32],
    ["${ params.on }", true],
    ["${params.list}", [1, 2]],
    ["${params.deep.x}", 1.5],
    ["${seed}", 3],
    ["${name}-${params.word}-${params.units}", "n-w-32"],
    ["$${params.units}", "${params.units}"],
    ["plain $ {x}", "plain $ {x}"],
  ])("%s becomes %j with its type", (text, expected) => {
    expect(fill(text)).toEqual({ value: { a: [expected] }, codes: [] });
  });

  it.each([
    ["${params.unitz}", "unknown-param"],
    ["${env.HOME}", "interpolation"],
    ["${params}", "interpolation"],
    ["x${params.list}", "interpolation"],
    ["${params.__proto__}", "unknown-param"],
    ["${params.deep.constructor}", "unknown-param"],
  ])("%s is a problem", (text, code) => expect(fill(text).codes).toEqual([code]));
});

describe("resolveParams", () => {
  it("lets parameters refer to each other in any order", () => {
    expect(resolveParams({ a: "${params.b}", b: "${params.c}", c: 2 }, "n", 0, [])).toEqual({ a: 2, b: 2, c: 2 });
  });

  it("reports those that refer to themselves, and keeps the rest", () => {
    const problems: Problem[] = [];
    expect(resolveParams({ a: "${params.b}", b: "${params.a}", c: 1 }, "n", 0, problems)).toEqual({ c: 1 });
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ["param-cycle", ["params", "a"]],
      ["param-cycle", ["params", "b"]],
    ]);
  });
});
