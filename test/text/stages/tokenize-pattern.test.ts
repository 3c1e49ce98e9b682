import { tokenizePattern } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { diagnosticOf, outOf } from "../support.js";

describeStage(tokenizePattern);

describe("text/tokenize-pattern", () => {
  it("is not made to hang by a pattern that backtracking engines hang at", async () => {
    const text = `${"a".repeat(20_000)}b`;
    expect(await outOf(tokenizePattern, text, { pattern: "(a+)+$" })).toEqual([]);
    expect(await outOf(tokenizePattern, text, { pattern: "(a|a)*b" })).toEqual([text]);
  });

  it("matches as JavaScript's engine does, from left to right, where both know the pattern", async () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "B", "7", " ", "-", "é", "😂") }), { maxLength: 8 });
    for (const pattern of ["[a-z]+", "\\p{L}+(?:-\\p{L}+)*", "[^ ]", "a|ab|(-7?)+", "7{2,3}"]) {
      await fc.assert(
        fc.asyncProperty(texts, async (parts) => {
          const text = parts.join("");
          expect(await outOf(tokenizePattern, text, { pattern })).toEqual(text.match(new RegExp(pattern, "gu")) ?? []);
        }),
        { numRuns: 30 },
      );
    }
  });

  it("looks away from case when it is told to", async () => {
    expect(await outOf(tokenizePattern, "Ab aB", { pattern: "ab", ignore_case: true })).toEqual(["Ab", "aB"]);
  });

  it("keeps no empty tokens", async () => {
    expect(await outOf(tokenizePattern, "a1b", { pattern: "[0-9]*" })).toEqual(["1"]);
    expect(await outOf(tokenizePattern, ",,a,,b", { pattern: ",", gaps: true })).toEqual(["a", "b"]);
  });

  it.each([
    ["(?=a)b", "(?="],
    ["(?<!a)b", "(?<!"],
    ["(a)\\1", "\\1"],
  ])("says before the run what %s asks for and cannot have", (pattern, unknown) => {
    const problems = tokenizePattern.check?.(tokenizePattern.params.parse({ pattern })) ?? [];
    expect(problems.map(({ message }) => message)).toEqual([
      `the pattern has "${unknown}", which an engine of linear time cannot do`,
    ]);
    expect(tokenizePattern.check?.(tokenizePattern.params.parse({ pattern: "\\\\1(?:a)(?<n>b)" }))).toEqual([]);
  });

  it("says what is wrong with a pattern", async () => {
    expect(await diagnosticOf(outOf(tokenizePattern, "a", { pattern: "(a" }) as Promise<unknown>)).toMatchObject({
      code: "pattern-syntax",
    });
  });
});
