/**
 * @file Snowball's stemmer of English ("Porter2"), https://snowballstem.org/algorithms/english/stemmer.html, as of Snowball 3.
 * In a word that is worked on, `Y` is a y that is a consonant.
 */
import { isOneOf, isOther, pastVowel, regionAfter, suffixes } from "./suffixes.js";

const VOWELS = "aeiouy";

/** Whole words with stems of their own. */
const EXCEPTIONS = new Map([
  ["skis", "ski"],
  ["skies", "sky"],
  ["idly", "idl"],
  ["gently", "gentl"],
  ["ugly", "ugli"],
  ["early", "earli"],
  ["only", "onli"],
  ["singly", "singl"],
  ...["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"].map((word) => [word, word] as const),
]);

/** Beginnings after which R1 begins, so that "generate" and "general" stay apart. */
const BEGINNINGS = /^(?:gener|commun|arsen|past|univers|later|emerg|organ|inter)/;

/** The stem of an English word, in lower case. */
export function snowballEnglish(given: string): string {
  const lower = given.toLowerCase().replaceAll("’", "'");
  if (lower.length < 3) return lower;
  const exception = EXCEPTIONS.get(lower);
  if (exception !== undefined) return exception;
  let word = lower.startsWith("'") ? lower.slice(1) : lower;
  if (word.includes("y")) word = word.replace(/^y/, "Y").replace(/([aeiouy])y/g, "$1Y");
  const r1 = BEGINNINGS.exec(word)?.[0].length ?? regionAfter(word, 0, VOWELS);
  const r2 = regionAfter(word, r1, VOWELS);

  word = participles(plurals(word.replace(/'(?:s'?)?$/, "")), r1);
  if (/[yY]$/.test(word) && word.length > 2 && isOther(word, word.length - 2, VOWELS)) word = `${word.slice(0, -1)}i`;
  word = doubleSuffix(word, r1);
  word = lastSuffix(word, r1, r2);
  word = finalLetter(residue(word, r2), r1, r2);
  return word.replaceAll("Y", "y");
}

/** Step 1a: caresses → caress, cries → cri, ties → tie, gaps → gap. */
function plurals(word: string): string {
  if (word.endsWith("sses")) return word.slice(0, -2);
  if (word.endsWith("ied") || word.endsWith("ies")) return word.slice(0, word.length > 4 ? -2 : -1);
  if (!word.endsWith("s") || word.endsWith("us") || word.endsWith("ss")) return word;
  const hasVowel = pastVowel(word, 0, VOWELS) < word.length - 1;
  return hasVowel ? word.slice(0, -1) : word;
}

const findParticiple = suffixes([
  ["agreed", "eed eedly"],
  ["participle", "ed edly ing ingly"],
]);
/** Words in -ing that are no forms of verbs, and -ceed. */
const NO_PARTICIPLE = /^(?:(?:inn|out|cann|herr|earr|even)ing|(?:proc|exc|succ)eed(?:ly)?)$/;
const DYING = /^[^aeiouy]ying$/;

/** Step 1b: agreed → agree, luxuriated → luxuriate, hopping → hop, hoping → hope, dying → die. */
function participles(word: string, r1: number): string {
  const found = findParticiple(word);
  if (found === undefined || NO_PARTICIPLE.test(word)) return word;
  const stem = word.slice(0, -found.suffix.length);
  if (found.value === "agreed") return stem.length >= r1 ? `${stem}ee` : word;
  if (DYING.test(word)) return `${stem.slice(0, -1)}ie`;
  if (!/[aeiouy]/.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem)) return /^[aeo]..$/.test(stem) ? stem : stem.slice(0, -1);
  return stem.length === r1 && isShort(stem) ? `${stem}e` : stem;
}

/** Whether the word ends in a short syllable. */
function isShort(word: string): boolean {
  const last = word.length - 1;
  if (word.endsWith("past")) return true;
  if (!isOneOf(word, last - 1, VOWELS)) return false;
  return last === 1 ? isOther(word, last, VOWELS) : isOther(word, last, "aeiouywxY") && isOther(word, last - 2, VOWELS);
}

const findDouble = suffixes([
  ["tion", "tional"],
  ["ence", "enci"],
  ["ance", "anci"],
  ["able", "abli"],
  ["ent", "entli"],
  ["ize", "izer ization"],
  ["ate", "ational ation ator"],
  ["al", "alism aliti alli"],
  ["ful", "fulness fulli"],
  ["ous", "ousli ousness"],
  ["ive", "iveness iviti"],
  ["ble", "biliti bli"],
  ["og", "ogist ogi"],
  ["less", "lessli"],
  ["", "li"],
]);

/** Step 2: suffixes of two parts lose the second. */
function doubleSuffix(word: string, r1: number): string {
  const found = findDouble(word, 0);
  if (found === undefined) return word;
  const start = word.length - found.suffix.length;
  if (start < r1) return word;
  if (found.suffix === "ogi" && word[start - 1] !== "l") return word;
  if (found.suffix === "li" && !isOneOf(word, start - 1, "cdeghkmnrt")) return word;
  return word.slice(0, start) + found.value;
}

const findLast = suffixes([
  ["tion", "tional"],
  ["ate", "ational"],
  ["al", "alize"],
  ["ic", "icate iciti ical"],
  ["", "ful ness ative"],
]);

/** Step 3. */
function lastSuffix(word: string, r1: number, r2: number): string {
  const found = findLast(word);
  if (found === undefined) return word;
  const start = word.length - found.suffix.length;
  return start < r1 || (found.suffix === "ative" && start < r2) ? word : word.slice(0, start) + found.value;
}

const findResidue = suffixes([
  ["", "al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize"],
  ["st", "ion"],
]);

/** Step 4: -ance, -er and the like, in R2. */
function residue(word: string, r2: number): string {
  const found = findResidue(word);
  if (found === undefined) return word;
  const start = word.length - found.suffix.length;
  return start < r2 || (found.value !== "" && !isOneOf(word, start - 1, found.value)) ? word : word.slice(0, start);
}

/** Step 5: a final -e, and -ll → -l. */
function finalLetter(word: string, r1: number, r2: number): string {
  const end = word.length - 1;
  const stem = word.slice(0, end);
  if (word.endsWith("e")) return end >= r2 || (end >= r1 && !isShort(stem)) ? stem : word;
  return word.endsWith("ll") && end >= r2 ? stem : word;
}
