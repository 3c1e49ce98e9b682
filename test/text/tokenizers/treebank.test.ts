import { tokenizeTexts } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../support.js";

const treebank = (text: string): string => wordsOf(tokenizeTexts([text], { kind: "treebank" }))[0].join(" ");

describe("Penn Treebank tokens", () => {
  // The cases of the published rules: contractions, compounds, quotes, brackets, dots and the final period.
  it.each([
    ["they'll save and invest more", "they 'll save and invest more"],
    ["hi, my name can't hello,", "hi , my name ca n't hello ,"],
    ["don't won't DON'T", "do n't wo n't DO N'T"],
    ["it's John's I'm we'd they've you're", "it 's John 's I 'm we 'd they 've you 're"],
    ["the parents' house", "the parents ' house"],
    ["Cannot gimme gonna gotta lemme wanna", "Can not gim me gon na got ta lem me wan na"],
    ["more'n d'ye 'tis 'Twas", "more 'n d' ye 't is 'T was"],
    ['He said "yes" and left.', "He said `` yes '' and left ."],
    ['("no")', "( `` no '' )"],
    ["``old style''", "`` old style ''"],
    ["Good muffins cost $3.88 in New York.", "Good muffins cost $ 3.88 in New York ."],
    ["Please buy me two of them.", "Please buy me two of them ."],
    ["Mr. Smith of the U.S. went home. Then he slept.", "Mr. Smith of the U.S. went home. Then he slept ."],
    ['He left (for good.)"', "He left ( for good . ) ''"],
    ['It ended. ")', "It ended . `` )"],
    ["wait... what?!", "wait ... what ? !"],
    ["yes--no", "yes -- no"],
    ["at 3:30, 1,000 men: all", "at 3:30 , 1,000 men : all"],
    ["[a]{b}<c>", "[ a ] { b } < c >"],
    ["Rock & roll; 50% @home #1", "Rock & roll ; 50 % @ home # 1"],
    ["well-known", "well-known"],
  ])("%s", (text, tokens) => {
    expect(treebank(text)).toBe(tokens);
  });

  it.each([
    ["São Tomé é naïve.", "São Tomé é naïve ."],
    ["“Don’t,” she said…", "“ Do n’t , ” she said …"],
    ["the parents’ house isn’t", "the parents ’ house is n’t"],
    ["«oui»", "« oui »"],
    ["שלום, עולם.", "שלום , עולם ."],
    ["great 😂!", "great 😂 !"],
  ])("any script: %s", (text, tokens) => {
    expect(treebank(text)).toBe(tokens);
  });

  it("splits the same chunk in another way where it ends the text", () => {
    expect(treebank("etc. etc.")).toBe("etc. etc .");
    expect(treebank("etc. etc. ")).toBe("etc. etc .");
  });

  it("leaves a period that stands alone, and dots in a row", () => {
    expect(treebank(".")).toBe(".");
    expect(treebank("so..")).toBe("so ..");
  });
});
