/**
 * @file WordNet's morphology, https://wordnet.princeton.edu/documentation/morphy7wn: irregular forms from a list, others by
 * taking endings off until what is left is a word of WordNet.
 */
import { type Lexicon, lexicon, type PartOfSpeech } from "./database.js";

/** Endings and what takes their place, in the order in which they are tried. */
const RULES: Readonly<Record<PartOfSpeech, readonly (readonly [ending: string, replacement: string])[]>> = {
  noun: [
    ["s", ""],
    ["ses", "s"],
    ["xes", "x"],
    ["zes", "z"],
    ["ches", "ch"],
    ["shes", "sh"],
    ["men", "man"],
    ["ies", "y"],
  ],
  verb: [
    ["s", ""],
    ["ies", "y"],
    ["es", "e"],
    ["es", ""],
    ["ed", "e"],
    ["ed", ""],
    ["ing", "e"],
    ["ing", ""],
  ],
  adjective: [
    ["er", ""],
    ["est", ""],
    ["er", "e"],
    ["est", "e"],
  ],
  adverb: [],
};

/**
 * A function from a word to its lemma in lower case, or null for a word that WordNet does not know. First the irregular
 * forms of all the parts of speech, in their order ("was" is "be" before it is the plural of "wa"). Then, part by part, as
 * `morphstr` of WordNet: what the rules make of the word ("flies" is "fly", though a theatre has flies), and else the
 * word itself if it is a lemma.
 */
export async function lemmatizer(parts: readonly PartOfSpeech[]): Promise<(word: string) => string | null> {
  const lexicons = await Promise.all(parts.map(async (part) => [part, await lexicon(part)] as const));
  return (word) => {
    const form = word.toLowerCase();
    for (const [, { exceptions }] of lexicons) {
      const lemma = exceptions.get(form);
      if (lemma !== undefined && lemma !== form) return lemma;
    }
    for (const [part, { lemmas, exceptions }] of lexicons) {
      // A form that the list names as its own lemma is not for the rules.
      const lemma = exceptions.has(form) ? null : regular(form, part, lemmas);
      if (lemma !== null) return lemma;
      if (lemmas.has(form)) return form;
    }
    return null;
  };
}

function regular(form: string, part: PartOfSpeech, lemmas: Lexicon["lemmas"]): string | null {
  if (part === "noun") {
    // "boxesful" is a boxful; "ss" is no plural, nor is a word of two letters.
    if (form.endsWith("ful")) return withFul(regular(form.slice(0, -3), part, lemmas));
    if (form.endsWith("ss") || form.length <= 2) return null;
  }
  for (const [ending, replacement] of RULES[part]) {
    if (!form.endsWith(ending) || form.length === ending.length) continue;
    const candidate = form.slice(0, -ending.length) + replacement;
    if (lemmas.has(candidate)) return candidate;
  }
  return null;
}

function withFul(lemma: string | null): string | null {
  return lemma === null ? null : `${lemma}ful`;
}
