import { didYouMean, fail } from "@seqloom/core";
import { porterStem } from "./porter.js";

/** Finds the stem of a word. */
export type Stemmer = (word: string) => string;

type Load = () => Promise<{ readonly default: { readonly stem: Stemmer } }>;

/**
 * The stemmers, by algorithm and ISO 639-1 language, each loaded when it is used. English Porter is our own: it gives the
 * stems of natural's in an eighth of the time. So are Snowball's: natural's French and German are of older revisions.
 */
const LOADERS: Readonly<Record<StemAlgorithm, Readonly<Record<string, Load>>>> = {
  porter: {
    de: () => import("natural/lib/natural/stemmers/porter_stemmer_de.js"),
    en: () => Promise.resolve({ default: { stem: porterStem } }),
    es: () => import("natural/lib/natural/stemmers/porter_stemmer_es.js"),
    fr: () => import("natural/lib/natural/stemmers/porter_stemmer_fr.js"),
    id: () => import("natural/lib/natural/stemmers/indonesian/stemmer_id.js"),
    it: () => import("natural/lib/natural/stemmers/porter_stemmer_it.js"),
    ja: () => import("natural/lib/natural/stemmers/stemmer_ja.js"),
    nl: () => import("natural/lib/natural/stemmers/porter_stemmer_nl.js"),
    no: () => import("natural/lib/natural/stemmers/porter_stemmer_no.js"),
    pt: () => import("natural/lib/natural/stemmers/porter_stemmer_pt.js"),
    ru: () => import("natural/lib/natural/stemmers/porter_stemmer_ru.js"),
    sv: () => import("natural/lib/natural/stemmers/porter_stemmer_sv.js"),
    uk: () => import("natural/lib/natural/stemmers/porter_stemmer_uk.js"),
  },
  lancaster: { en: () => import("natural/lib/natural/stemmers/lancaster_stemmer.js") },
  snowball: {
    de: async () => ({ default: { stem: (await import("./german.js")).snowballGerman } }),
    en: async () => ({ default: { stem: (await import("./english.js")).snowballEnglish } }),
    fr: async () => ({ default: { stem: (await import("./french.js")).snowballFrench } }),
  },
  carry: { fr: () => import("natural/lib/natural/stemmers/Carry/index.js") },
};

/** Names of the stemming algorithms. */
export const stemAlgorithms = ["porter", "snowball", "lancaster", "carry"] as const;

/** See the parameters of `text/stem`. */
export type StemAlgorithm = (typeof stemAlgorithms)[number];

/** What is wrong with a pair of algorithm and language, or null. */
export function stemmerProblem(
  algorithm: StemAlgorithm,
  language: string,
): { readonly message: string; readonly hint: string } | null {
  const languages = Object.keys(LOADERS[algorithm]);
  if (languages.includes(language)) return null;
  const others = stemAlgorithms.filter((other) => Object.hasOwn(LOADERS[other], language));
  return {
    message: `algorithm "${algorithm}" has no stemmer for language "${language}"`,
    hint:
      others.length > 0
        ? `For "${language}" there is ${others.map((other) => `algorithm: ${other}`).join(", ")}.`
        : didYouMean(language, languages, "language"),
  };
}

/**
 * The stemmer of an algorithm for a language.
 * @throws DiagnosticError `unknown-stemmer`.
 */
export async function stemmerOf(algorithm: StemAlgorithm, language: string): Promise<Stemmer> {
  const problem = stemmerProblem(algorithm, language);
  if (problem !== null) throw fail("unknown-stemmer", problem.message, { hint: problem.hint });
  const { default: stemmer } = await LOADERS[algorithm][language]();
  return (word) => stemmer.stem(word);
}
