import { didYouMean, fail } from "@seqloom/core";

/** ISO 639-1 code → the name of the list in package `stopword`, which goes by ISO 639-3. */
const LISTS: ReadonlyMap<string, string> = new Map(
  (
    "af afr, ar ara, bg bul, bn ben, br bre, ca cat, cs ces, da dan, de deu, el ell, en eng, eo epo, es spa, et est, eu eus, " +
    "fa fas, fi fin, fr fra, ga gle, gl glg, gu guj, ha hau, he heb, hi hin, hr hrv, hu hun, hy hye, id ind, it ita, ja jpn, " +
    "ko kor, ku kur, la lat, lt lit, lv lav, mr mar, ms msa, my mya, nb nob, nl nld, no nob, pa panGu, pl pol, pt por, " +
    "pt-br porBr, ro ron, ru rus, sk slk, sl slv, so som, st sot, sv swe, sw swa, th tha, tl tgl, tr tur, uk ukr, ur urd, " +
    "vi vie, yo yor, zh zho, zu zul"
  )
    .split(", ")
    .map((pair) => pair.split(" ") as [string, string]),
);

/** The languages that have a list of stop words, by ISO 639-1 code; `pt-br` is Brazilian Portuguese. */
export const stopWordLanguages: readonly string[] = [...LISTS.keys()];

/** What is wrong with the code of a language, or null. */
export function stopWordProblem(language: string): { readonly message: string; readonly hint: string } | null {
  if (LISTS.has(language)) return null;
  return {
    message: `there are no stop words for language "${language}"`,
    hint: `${didYouMean(language, stopWordLanguages, "language")} Languages go by their ISO 639-1 code.`,
  };
}

/**
 * The stop words of one or several languages, as package `stopword` has them, in lower case.
 * @throws DiagnosticError `unknown-language`.
 */
export async function stopWordsOf(languages: string | readonly string[]): Promise<ReadonlySet<string>> {
  const { default: lists } = await import("stopword");
  const words = new Set<string>();
  for (const language of typeof languages === "string" ? [languages] : languages) {
    const problem = stopWordProblem(language);
    if (problem !== null) throw fail("unknown-language", problem.message, { hint: problem.hint });
    for (const word of lists[LISTS.get(language) ?? language]) words.add(foldedForm(word.trim()));
  }
  return words;
}

/** What two spellings of a stop word have in common: letters in lower case, a straight apostrophe. */
export function foldedForm(word: string): string {
  return word.toLowerCase().replaceAll("’", "'");
}
