import { normalise } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { outOf } from "../support.js";

describeStage(normalise);

const KEEP = { unicode: "keep", case: "keep", spaces: "keep" };

describe("text/normalise", () => {
  it.each([
    ["lower case follows Unicode, not a locale", { case: "lower" }, "ÉCOLE ΣΑΣ İ", "école σας i̇"],
    ["case is kept", KEEP, "École", "École"],
    ["nfc composes letters and marks", {}, "cafe\u0301", "café"],
    ["nfkc undoes ligatures and wide forms", { unicode: "nfkc" }, "ﬁn Ａ²", "fin a2"],
    ["unicode: keep leaves marks apart", { unicode: "keep" }, "cafe\u0301", "cafe\u0301"],
    [
      "accents are taken off, composed or not",
      { accents: "strip" },
      "naïve cafe\u0301 São Ångström",
      "naive cafe sao angstrom",
    ],
    ["letters that only look accented stay", { accents: "strip" }, "Łódź ørsted straße", "łodz ørsted straße"],
    ["vowel signs of other scripts are no accents", { accents: "strip" }, "हिन्दी ไทย", "हिन्दी ไทย"],
    ["any white space becomes one space", {}, "\u00a0 a\t\r\n b\u2003c\u2028", "a b c"],
    ["spaces are kept", { spaces: "keep" }, " a  b\n", " a  b\n"],
    [
      "punctuation becomes space, apostrophes go",
      { punctuation: "strip" },
      "Don't—stop, “rock’n’roll” $5+5!",
      "dont stop rocknroll 5 5",
    ],
    ["emoji with a skin tone are no punctuation", { punctuation: "strip" }, "ok! 👍🏽 👩‍👩‍👧.", "ok 👍🏽 👩‍👩‍👧"],
    ["runs of a letter are cut", { repeated_letters: 2 }, "sooooo coool aaa ööööö !!!!", "soo cool aa öö !!!!"],
    ["one of each letter", { repeated_letters: 1 }, "good", "god"],
    [
      "URLs end before the punctuation after them",
      { urls: { replace: "URL" } },
      "(see https://a.b/c?d=e), www.x.org.",
      "(see URL), URL.",
    ],
    ["URLs are taken out", { urls: "strip" }, "a http://b.c d", "a d"],
    ["an e-mail address is no mention", { mentions: { replace: "<u>" } }, "@ann x@y.org @Bob_2!", "<u> x@y.org <u>!"],
    [
      "hashtags are replaced, numbers after # are none",
      { hashtags: { replace: "<tag>" } },
      "#fun #1 a#b #été",
      "<tag> #1 a#b <tag>",
    ],
    ["hashtags lose their sign with punctuation", { punctuation: "strip" }, "#fun", "fun"],
    [
      "numbers alone are replaced, in words not",
      { numbers: { replace: "#" } },
      "3 -4.5 1,000.50 b2b covid19 3rd 10-year",
      "# # # b2b covid19 3rd 10-year",
    ],
    ["digits of any script are numbers", { numbers: "strip" }, "a ٣٤ b", "a b"],
    [
      "what a token replaced stays as written",
      { urls: { replace: "<URL>" }, punctuation: "strip" },
      "GO http://x.y!",
      "go <URL>",
    ],
  ] as const)("%s", async (_, params, text, expected) => {
    expect(await outOf(normalise, text, params)).toBe(expected);
  });

  it("changes nothing the second time", async () => {
    const params = { accents: "strip", punctuation: "strip", repeated_letters: 2, urls: "strip" };
    const once = await outOf(normalise, "  Sooo NAÏVE!!! https://x.y — don't… ", params);
    expect(await outOf(normalise, once, params)).toBe(once);
  });

  it("refuses a treatment that it does not know", () => {
    expect(normalise.params.safeParse({ urls: "srtip" }).success).toBe(false);
    expect(normalise.params.safeParse({ repeated_letters: 0 }).success).toBe(false);
  });
});
