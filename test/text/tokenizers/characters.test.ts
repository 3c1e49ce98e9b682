import { tokenizeTexts } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../support.js";

const characters = (text: string, unit: "code_point" | "grapheme"): string[] =>
  wordsOf(tokenizeTexts([text], { kind: "characters", unit }))[0];

describe("characters", () => {
  it("are code points, spaces too", () => {
    expect(characters("a 𝒳\ne\u0301", "code_point")).toEqual(["a", " ", "𝒳", "\n", "e", "\u0301"]);
  });

  it("are what a reader sees, when asked for graphemes", () => {
    expect(characters("e\u0301👩‍👩‍👧🇩🇪한\r\n1\ufe0f\u20e3", "grapheme")).toEqual([
      "e\u0301",
      "👩‍👩‍👧",
      "🇩🇪",
      "한",
      "\r\n",
      "1\ufe0f\u20e3",
    ]);
  });

  it("give the text again when put together", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.constantFrom("code_point" as const, "grapheme" as const),
        (text, unit) => {
          expect(characters(text, unit).join("")).toBe(text);
        },
      ),
    );
  });

  it("are cut where the segmenter of the whole text cuts", () => {
    const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
    const awkward =
      "a 1#ée\u0301\u0300日かカ\u3099한\u1100\u1161\u11a8\ufe0f\u200d👩👍🏽🇩🇪\r\nไทยำक्षि\u0600अ\u200cя\u0e33";
    const unit = fc.constantFrom(...awkward);
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        expect(characters(text, "grapheme")).toEqual(Array.from(segmenter.segment(text), ({ segment }) => segment));
      }),
      { numRuns: 2000 },
    );
  });

  it("of a long text are found in time that grows with its length", () => {
    // The segmenter alone would need minutes for a text of this length on Node 20.
    const text = "naïve 日本語 हिन्दी 😂 ".repeat(20_000);
    expect(characters(text, "grapheme").join("")).toBe(text);
  });
});
