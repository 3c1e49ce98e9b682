import { splitters, tokenizeTexts } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../support.js";

const SPACE = /[\s\p{Cc}]+/u;
const text = fc.string({
  unit: fc.constantFrom(..."aAb.,!'’\"#@:)-( \t\n\u00a0\u001c\u0085é1漢😂\ufe0f"),
  maxLength: 40,
});

describe("the loop over chunks", () => {
  it.each(["words", "tweet", "whitespace"] as const)("gives what splitting each chunk by itself gives: %s", (kind) => {
    const plain = (value: string): string[] =>
      value
        .split(SPACE)
        .filter(Boolean)
        .flatMap((chunk) => [...splitters[kind](chunk)]);
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        expect(wordsOf(tokenizeTexts(texts, { kind }))).toEqual(texts.map(plain));
      }),
    );
  });

  it("finds a chunk again among very many, each with the same tokens", () => {
    const texts = Array.from({ length: 30_000 }, (_, i) => `w${i} v${i % 7}! ${"long".repeat(i % 50)}`);
    const once = wordsOf(tokenizeTexts(texts, { kind: "words" }));
    const twice = wordsOf(tokenizeTexts([...texts, ...texts], { kind: "words" }));
    expect(twice.slice(0, texts.length)).toEqual(once);
    expect(twice.slice(texts.length)).toEqual(once);
    expect(once[29_999]).toEqual(["w29999", "v4", "!", "long".repeat(49)]);
  });

  it("has each token once in the dictionary, wherever it came from", () => {
    const { dictionary } = tokenizeTexts(["great! great (great) great. great"], { kind: "treebank" });
    expect(dictionary).toEqual(["great", "!", "(", ")", "great."]);
  });

  it.each([
    ["words", "a.b-c'd"],
    ["treebank", "a's''n't...,"],
    ["tweet", "a.b_c@"],
    ["tweet", "((<<#:@"],
    ["tweet", "1.2/"],
  ] as const)("takes very long chunks that look like many things: %s %s", (kind, part) => {
    const chunk = part.repeat(20_000);
    expect(wordsOf(tokenizeTexts([chunk], { kind }))[0].join("").length).toBe(chunk.length);
  });

  it("cuts at every character that is white space to JavaScript, and at the separators of ASCII", () => {
    const codes = Array.from({ length: 0x1_0000 }, (_, code) => code);
    const cuts = codes.filter(
      (code) => tokenizeTexts([`a${String.fromCharCode(code)}b`], { kind: "whitespace" }).indices.length === 2,
    );
    const more = [0x1c, 0x1d, 0x1e, 0x1f, 0x85];
    expect(cuts).toEqual(codes.filter((code) => /\s/.test(String.fromCharCode(code)) || more.includes(code)));
  });

  it("takes a text of one very long chunk", () => {
    const chunk = "x".repeat(100_000);
    expect(wordsOf(tokenizeTexts([chunk, `${chunk} y`], { kind: "words" }))).toEqual([[chunk], [chunk, "y"]]);
  });
});
