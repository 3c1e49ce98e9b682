import { stopWordLanguages, stopWords, stopWordsOf } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { diagnosticOf, outOf } from "../support.js";

describeStage(stopWords);

describe("text/stop-words", () => {
  it("has words for every language that it names", async () => {
    const sizes = await Promise.all(stopWordLanguages.map(async (language) => (await stopWordsOf(language)).size));
    expect(Math.min(...sizes)).toBeGreaterThan(10);
    expect(stopWordLanguages).toHaveLength(62);
  });

  it("minds case when told so", async () => {
    const words = ["The", "the", "US", "us"];
    expect(await outOf(stopWords, words, { add: ["us"] })).toEqual([]);
    expect(await outOf(stopWords, words, { add: ["us"], ignore_case: false })).toEqual(["The", "US"]);
  });

  it("takes a curly apostrophe for a straight one", async () => {
    expect(await outOf(stopWords, ["don’t", "don't", "do"], { add: ["don't"], keep: ["do"] })).toEqual(["do"]);
  });

  it("drops only the words added when no language is given", async () => {
    expect(await outOf(stopWords, ["the", "cast"], { language: [], add: ["cast"] })).toEqual(["the"]);
  });

  it("does not drop words that are named like members of objects", async () => {
    expect(await outOf(stopWords, ["constructor", "__proto__", "the"])).toEqual(["constructor", "__proto__"]);
  });

  it("names the closest language when there is no such one", async () => {
    const [problem] = stopWords.check?.(stopWords.params.parse({ language: ["en", "frr"] })) ?? [];
    expect(problem).toEqual({
      path: ["language", 1],
      message: 'there are no stop words for language "frr"',
      hint: 'Did you mean "fr"? Languages go by their ISO 639-1 code.',
    });
    expect(await diagnosticOf(stopWordsOf("klingon"))).toMatchObject({ code: "unknown-language" });
  });
});
