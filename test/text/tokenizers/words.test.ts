import { splitters } from "@seqloom/text";
import { describe, expect, it } from "vitest";

describe("words", () => {
  it.each([
    ["accents do not split words", "naïve", ["naïve"]],
    ["nor do marks that combine", "na\u0308i\u0308ve\u0301s", ["na\u0308i\u0308ve\u0301s"]],
    ["ã and ï are letters", "São-Tomé", ["São-Tomé"]],
    ["an apostrophe inside stays", "don't", ["don't"]],
    ["a curly one too", "l’été", ["l’été"]],
    ["one outside does not", "'quoted'", ["'", "quoted", "'"]],
    ["a hyphen inside stays", "well-known", ["well-known"]],
    ["a dash does not", "yes--no", ["yes", "--", "no"]],
    ["a decimal point stays", "3.14", ["3.14"]],
    ["and a comma of thousands", "1,000.50!", ["1,000.50", "!"]],
    ["but not a point between words", "end.Start", ["end", ".", "Start"]],
    ["equal marks stay together", "what?!!…", ["what", "?", "!!", "…"]],
    ["currency stands apart", "$5", ["$", "5"]],
    ["an emoji of several code points is one token", "👩‍👩‍👧👍🏽🇩🇪", ["👩‍👩‍👧", "👍🏽", "🇩🇪"]],
    ["a variation selector alone is dropped", "\ufe0f", []],
    ["Devanagari keeps its vowel signs", "हिन्दी।", ["हिन्दी", "।"]],
    ["Persian keeps its joiner", "می\u200cخواهم", ["می\u200cخواهم"]],
    ["Arabic punctuation is punctuation", "سلام،", ["سلام", "،"]],
    ["underscores join", "snake_case", ["snake_case"]],
    ["letters outside the first plane are letters", "𝒳𝒴!", ["𝒳𝒴", "!"]],
  ])("%s", (_, chunk, tokens) => {
    expect(splitters.words(chunk)).toEqual(tokens);
  });
});
