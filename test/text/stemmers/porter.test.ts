import { porterStem, stemmerOf } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lines, mirror } from "../support.js";

describe("Porter's stemmer", () => {
  // The examples of the paper, rule by rule.
  it.each(
    Object.entries({
      caresses: "caress",
      ponies: "poni",
      ties: "ti",
      cats: "cat",
      feed: "feed",
      agreed: "agre",
      plastered: "plaster",
      bled: "bled",
      motoring: "motor",
      sing: "sing",
      conflated: "conflat",
      troubled: "troubl",
      sized: "size",
      hopping: "hop",
      tanned: "tan",
      falling: "fall",
      hissing: "hiss",
      fizzed: "fizz",
      failing: "fail",
      filing: "file",
      happy: "happi",
      sky: "sky",
      relational: "relat",
      conditional: "condit",
      rational: "ration",
      valenci: "valenc",
      digitizer: "digit",
      conformabli: "conform",
      radicalli: "radic",
      differentli: "differ",
      vileli: "vile",
      analogousli: "analog",
      vietnamization: "vietnam",
      predication: "predic",
      operator: "oper",
      feudalism: "feudal",
      decisiveness: "decis",
      hopefulness: "hope",
      callousness: "callous",
      formaliti: "formal",
      sensitiviti: "sensit",
      sensibiliti: "sensibl",
      triplicate: "triplic",
      formative: "form",
      formalize: "formal",
      electriciti: "electr",
      hopeful: "hope",
      goodness: "good",
      revival: "reviv",
      allowance: "allow",
      inference: "infer",
      airliner: "airlin",
      gyroscopic: "gyroscop",
      adjustable: "adjust",
      defensible: "defens",
      irritant: "irrit",
      replacement: "replac",
      adjustment: "adjust",
      dependent: "depend",
      adoption: "adopt",
      homologou: "homolog",
      communism: "commun",
      activate: "activ",
      angulariti: "angular",
      homologous: "homolog",
      effective: "effect",
      bowdlerize: "bowdler",
      probate: "probat",
      rate: "rate",
      cease: "ceas",
      controll: "control",
      roll: "roll",
    }),
  )("%s → %s", (word, stem) => {
    expect(porterStem(word)).toBe(stem);
  });

  it("leaves words of one or two letters, and gives lower case", () => {
    expect(["a", "is", "US", ""].map(porterStem)).toEqual(["a", "is", "us", ""]);
    expect(porterStem("RUNNING")).toBe("run");
  });

  it("takes any text, and never gives a longer word", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (word) => {
        expect(porterStem(word).length).toBeLessThanOrEqual(word.toLowerCase().length + 1);
      }),
    );
  });

  it("takes words longer than any other", () => {
    const long = "bak".repeat(2000);
    expect(porterStem(`${long}fulness`)).toBe(long);
  });

  describe.skipIf(mirror === null)("on the author's vocabulary", () => {
    it("gives the published stem of each of the 23,531 words", () => {
      const words = lines("stemming/porter/porter_vocabulary.txt");
      expect(words).toHaveLength(23_531);
      expect(words.map(porterStem)).toEqual(lines("stemming/porter/porter_martin_output.txt"));
    });
  });
});

describe.skipIf(mirror === null)("the stemmers of other languages", () => {
  // How many words of Snowball's vocabularies get Snowball's stem: the ports are of older revisions of its algorithms.
  it.each([
    ["fr", "french", 20_736],
    ["de", "german", 33_786],
  ])("%s agrees with Snowball as often as it did", async (language, folder, agreed) => {
    const stem = await stemmerOf("porter", language);
    const stems = lines(`stemming/snowball/${folder}/output.txt`);
    const words = lines(`stemming/snowball/${folder}/voc.txt`);
    expect(words.filter((word, i) => stem(word) === stems[i])).toHaveLength(agreed);
  });
});
