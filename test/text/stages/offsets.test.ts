import { offsets, tokenizeTexts } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOf, wordsOf } from "../support.js";

describeStage(offsets);

const found = async (text: string, tokens: readonly string[]) =>
  (await rowsOf(offsets, [{ text, tokens }]))[0].offsets as readonly (readonly [number, number])[];

describe("text/offsets", () => {
  it.each(["words", "whitespace", "tweet", "characters"] as const)(
    "finds every token of kind %s where it is",
    async (kind) => {
      const piece = fc.constantFrom("dog", " ", "Dog's", ". ", "é", "😂", "@ann", "…", "3.5");
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (parts) => {
          const text = parts.join("");
          const [tokens] = wordsOf(tokenizeTexts([text], { kind }));
          const spans = await found(text, tokens);
          expect(spans.map(([start, end]) => text.slice(start, end))).toEqual(tokens);
          expect(spans.every(([start], i) => i === 0 || start >= spans[i - 1][1])).toBe(true);
        }),
        { numRuns: 40 },
      );
    },
  );

  it("finds tokens that were brought to lower case, and goes on after those that it does not find", async () => {
    expect(await found("The DOG barks", ["the", "cat", "dog", "barks"])).toEqual([
      [0, 3],
      [-1, -1],
      [4, 7],
      [8, 13],
    ]);
    // İ becomes two characters in lower case: only what is spelled the same is found.
    expect(await found("İ DOG dog", ["dog", ""])).toEqual([
      [6, 9],
      [-1, -1],
    ]);
  });

  it("takes time linear in the text where no token is found", async () => {
    const text = "a ".repeat(400_000);
    const spans = await rowsOf(offsets, [{ text, tokens: Array.from({ length: 20_000 }, () => "nowhere") }]);
    expect(spans).toHaveLength(1);
  });
});
