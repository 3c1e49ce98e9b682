import { porterStem, stemmerOf } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lines, mirror } from "../support.js";

const LANGUAGES = { en: "english", fr: "french", de: "german" };

const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    generate: "generat",
    general: "general",
    universe: "univers",
    university: "universiti",
    hopping: "hop",
    hoping: "hope",
    dying: "die",
    outing: "outing",
    proceed: "proceed",
    agreedly: "agre",
    egging: "egg",
    ties: "tie",
    cries: "cri",
    gas: "gas",
    gaps: "gap",
    "'tis'": "tis",
    "John’s": "john",
    sayings: "say",
    youth: "youth",
    SKIES: "sky",
    archaeologist: "archaeolog",
    fearlessly: "fearless",
  },
  fr: {
    "l'amour": "amour",
    continuellement: "continuel",
    heureusement: "heureux",
    logiquement: "logiqu",
    chevaux: "cheval",
    châteaux: "château",
    genoux: "genou",
    jouaient: "jou",
    finissaient: "fin",
    mauvais: "mauvais",
    maïs: "maï",
    communication: "commun",
    nationalité: "national",
    parisienne: "parisien",
    reçue: "reçu",
  },
  de: {
    aufeinanderfolgenden: "aufeinanderfolg",
    Häuser: "haus",
    haeuser: "haus",
    quälen: "qual",
    systemen: "system",
    Lehrerinnen: "lehr",
    Internet: "internet",
    Planet: "planet",
    Freundlichkeiten: "freundlich",
    Verständnisse: "verstandnis",
    kämpfst: "kampf",
    Vögeln: "vogel",
    größte: "grosst",
    bedeutendsten: "bedeut",
  },
};

const stemmers = new Map(
  await Promise.all(
    Object.keys(LANGUAGES).map(async (language) => [language, await stemmerOf("snowball", language)] as const),
  ),
);

describe.each(Object.entries(LANGUAGES))("Snowball's stemmer of %s", (language, folder) => {
  const stem = stemmers.get(language)!;

  it("finds the stem of each kind of word", () => {
    expect(Object.fromEntries(Object.keys(WORDS[language]).map((word) => [word, stem(word)]))).toEqual(WORDS[language]);
  });

  it("takes any text, and gives at most a few letters more", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (word) => {
        expect(stem(word).length).toBeLessThanOrEqual(2 * word.toLowerCase().length + 1);
      }),
    );
  });

  it.skipIf(mirror === null)("gives the published stem of every word of the reference vocabulary", () => {
    expect(lines(`stemming/snowball/${folder}/voc.txt`).map(stem)).toEqual(
      lines(`stemming/snowball/${folder}/output.txt`),
    );
  });
});

describe.skipIf(mirror === null)("Porter's stemmer beside his paper of 1980", () => {
  // His later changes: bli → ble, logi → log, and words of one or two letters are left alone.
  const CHANGED = /^..?$|(?:bly|blies|log(?:y|ies))$/;

  it.each([
    ["stemming/snowball/porter/voc.txt", "stemming/snowball/porter/output.txt", 67],
    ["stemming/porter/porter_vocabulary.txt", "stemming/porter/porter_original_output.txt", 27],
  ])("differs on %s only in what its author changed", (vocabulary, output, changed) => {
    const stems = lines(output);
    const different = lines(vocabulary).filter((word, i) => porterStem(word) !== stems[i]);
    expect(different).toHaveLength(changed);
    expect(different.filter((word) => !CHANGED.test(word))).toEqual([]);
  });
});
