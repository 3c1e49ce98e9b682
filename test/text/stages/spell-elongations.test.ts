import { spellElongations } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { outOf } from "../support.js";

describeStage(spellElongations);

describe("text/spell-elongations", () => {
  it.each([
    ["yesss", "yes"],
    ["sooooo", "so"],
    ["Looooove", "Love"],
    ["greeeeatttt", "great"],
    ["feeeeel", "feel"],
    ["feeeeeling", "feeling"],
    ["goooooods", "goods"],
    ["123111", "123111"],
    ["....", "...."],
    ["bookkeeper", "bookkeeper"],
    ["zzzqqq", "zzqq"],
    ["aaabbbcccdddeee", "aabbccddee"],
    ["éééé", "éé"],
  ])("%s → %s", async (word, plain) => {
    expect(await outOf(spellElongations, [word])).toEqual([plain]);
  });

  it("takes other words, and leaves letters where there is none", async () => {
    expect(await outOf(spellElongations, ["LOOOOL", "heyyyy"], { words: ["lol"] })).toEqual(["LOL", "heyy"]);
    expect(await outOf(spellElongations, ["heyyyyyy"], { otherwise: 3 })).toEqual(["heyyy"]);
  });
});
