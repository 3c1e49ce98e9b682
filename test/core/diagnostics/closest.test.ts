import { closest, didYouMean } from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance } from "../../../packages/core/dist/diagnostics/closest.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["tokenise", "tokenize", 1],
    ["lenght", "length", 1],
    ["ca", "ac", 1],
  ])("of %j and %j is %i", (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  it("is a symmetric measure that is zero only for equal strings", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("closest", () => {
  it("finds what was meant, whatever the case", () => {
    expect(closest("Text/Tokenise", ["text/pad", "text/tokenize"])).toBe("text/tokenize");
  });

  it("finds the name behind an abbreviation", () => {
    expect(closest("mdl", ["ids", "model", "scores"])).toBe("model");
    expect(closest("val", ["loss", "validation"])).toBe("validation");
  });

  it("does not guess from one letter or at another word of the same few letters", () => {
    expect(closest("y", ["t", "text"])).toBeUndefined();
    expect(closest("xx", ["de", "en"])).toBeUndefined();
    expect(closest("png", ["svg", "dot"])).toBeUndefined();
    expect(closest("1", ["5"])).toBeUndefined();
  });

  it("finds nothing where nothing is near", () => {
    expect(closest("rainbow", ["text/pad", "text/tokenize"])).toBeUndefined();
  });
});

describe("didYouMean", () => {
  it("lists what there is when nothing is near, and cuts a long list", () => {
    const names = Array.from({ length: 20 }, (_, i) => `stage-number-${i}`);
    expect(didYouMean("x", names, "stage")).toMatch(/^Valid stages: stage-number-0, .*… \(20 in all\)\.$/);
    expect(didYouMean("x", [], "stage")).toBe("There is no stage to choose from.");
  });
});
