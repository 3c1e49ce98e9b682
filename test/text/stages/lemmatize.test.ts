import { lemmatize, lemmatizer } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { outOf } from "../support.js";

describeStage(lemmatize);

describe("text/lemmatize", () => {
  it.each([
    ["noun", "dogs", "dog"],
    ["noun", "mice", "mouse"],
    ["noun", "wolves", "wolf"],
    ["noun", "axes", "ax"],
    ["noun", "loci", "locus"],
    ["noun", "churches", "church"],
    ["noun", "aardwolves", "aardwolf"],
    ["noun", "abaci", "abacus"],
    ["noun", "women", "woman"],
    ["noun", "berries", "berry"],
    ["noun", "boxesful", "boxful"],
    ["noun", "corpora", "corpus"],
    ["noun", "glass", "glass"],
    ["noun", "flies", "fly"],
    ["noun", "years", "year"],
    ["noun", "glasses", "glass"],
    ["noun", "gas", "gas"],
    ["noun", "his", "his"],
    ["verb", "flies", "fly"],
    ["verb", "feed", "feed"],
    ["adjective", "greatest", "great"],
    ["adjective", "modest", "modest"],
    ["verb", "running", "run"],
    ["verb", "was", "be"],
    ["verb", "denied", "deny"],
    ["verb", "hopes", "hope"],
    ["verb", "went", "go"],
    ["verb", "loving", "love"],
    ["adjective", "better", "good"],
    ["adjective", "happier", "happy"],
    ["adjective", "finest", "fine"],
    ["adverb", "best", "well"],
    ["adverb", "quickly", "quickly"],
  ])("as a %s, %s is %s", async (part, word, lemma) => {
    expect(await outOf(lemmatize, [word], { part_of_speech: part })).toEqual([lemma]);
  });

  it.each([
    ["was", "be"],
    ["does", "do"],
    ["has", "have"],
    ["cats", "cat"],
    ["us", "us"],
    ["as", "as"],
    ["walked", "walk"],
    ["Better", "good"],
    ["flies", "fly"],
    ["Flies", "fly"],
    ["eyes", "eye"],
    ["gas", "gas"],
    ["modest", "modest"],
    ["his", "his"],
  ])("with no part of speech given, %s is %s", async (word, lemma) => {
    expect(await outOf(lemmatize, [word])).toEqual([lemma]);
  });

  it("tries the parts of speech in the order given", async () => {
    // Both a noun of its own and a form of a verb, both regular.
    expect(await outOf(lemmatize, ["meeting"], { part_of_speech: ["noun", "verb"] })).toEqual(["meeting"]);
    expect(await outOf(lemmatize, ["meeting"], { part_of_speech: ["verb", "noun"] })).toEqual(["meet"]);
  });

  it("leaves a word that WordNet does not know as it is, in lower case as all others", async () => {
    const words = ["Xyzzy", "NAÏVE", "😂", "constructor", "The"];
    const out = ["xyzzy", "naïve", "😂", "constructor", "the"];
    expect(await outOf(lemmatize, words, { part_of_speech: "verb" })).toEqual(out);
    expect((await lemmatizer(["verb"]))("xyzzy")).toBeNull();
  });
});
