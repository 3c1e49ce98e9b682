import { stem } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { outOf } from "../support.js";

describeStage(stem);
describeStage(stem, { with: { algorithm: "lancaster" } });
describeStage(stem, { with: { algorithm: "carry", language: "fr" } });

describe("text/stem", () => {
  it.each([
    ["de", "aufeinanderfolgenden", "aufeinanderfolg"],
    ["es", "cheque", "chequ"],
    ["fr", "continuellement", "continuel"],
    ["id", "memakan", "makan"],
    ["it", "abbandonata", "abbandon"],
    ["ja", "コンピューター", "コンピュータ"],
    ["nl", "lichamelijkheden", "licham"],
    ["no", "havnedistriktene", "havnedistrikt"],
    ["pt", "boataria", "boat"],
    ["ru", "важного", "важн"],
    ["sv", "jaktkarlarne", "jaktkarl"],
    ["uk", "книгами", "книг"],
  ])("has a stemmer for %s", async (language, word, expected) => {
    expect(await outOf(stem, [word], { language })).toEqual([expected]);
  });

  // The examples of Paice's paper, and of the rules that want a vowel in what is left.
  it("lancaster cuts as far as its rules go, but not below a stem that can be spoken", async () => {
    const words = "owed owing ear saying crying string meant cement provision maximum christian sportingly ties";
    const stems = "ow ow ear say cry string meant cem provid maxim christ sport tie";
    const found = await outOf(stem, words.split(" "), { algorithm: "lancaster" });
    expect((found as string[]).join(" ")).toBe(stems);
  });

  it("makes forms with one stem one entry", async () => {
    expect(await outOf(stem, ["connect", "connecting", "Connected"])).toEqual(["connect", "connect", "connect"]);
  });

  it.each([
    [{ language: "eng" }, 'algorithm "porter" has no stemmer for language "eng"', 'Did you mean "en"?'],
    [
      { algorithm: "lancaster", language: "de" },
      'algorithm "lancaster" has no stemmer for language "de"',
      'For "de" there is algorithm: porter, algorithm: snowball.',
    ],
  ])("says what is wrong with %j", async (params, message, hint) => {
    expect(stem.check?.(stem.params.parse(params))).toEqual([{ path: ["language"], message, hint }]);
  });
});
