/**
 * @file Snowball's stemmer of German, https://snowballstem.org/algorithms/german/stemmer.html, as of Snowball 3: ä and "ae" are
 * one, and so are the others. In a word that is worked on, `U` and `Y` are letters between vowels.
 */
import { isOneOf, regionAfter, suffixes } from "./suffixes.js";

const VOWELS = "aeiouyäöü";
const SPELLINGS: Readonly<Record<string, string>> = { ß: "ss", ae: "ä", oe: "ö", ue: "ü", qu: "qu" };
const PLAIN: Readonly<Record<string, string>> = { Y: "y", U: "u", ä: "a", ö: "o", ü: "u" };

/** The stem of a German word, in lower case and without umlauts. */
export function snowballGerman(given: string): string {
  let word = given
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/[aeiouyäöü][uy](?=[aeiouyäöü])/g, (pair) => pair[0] + pair[1].toUpperCase())
    .replace(/ß|ae|oe|ue|qu/g, (spelling) => SPELLINGS[spelling]);
  const past = regionAfter(word, 0, VOWELS);
  const r1 = word.length < 3 ? word.length : Math.max(past, 3);
  const r2 = word.length < 3 ? word.length : regionAfter(word, past, VOWELS);
  word = derived(comparative(inflected(word, r1), r1), r1, r2);
  word = word.replace(/(?<=..)'(?:s|sch)?$/s, "");
  return word.replace(/[YUäöü]/g, (letter) => PLAIN[letter]);
}

const findInflection = suffixes([
  ["system", "em"],
  ["", "ern er erin erinnen"],
  ["niss", "e en es"],
  ["s", "s"],
  ["ln", "ln lns"],
]);

/** Step 1: plurals, cases, and -erin. */
function inflected(word: string, r1: number): string {
  const found = findInflection(word);
  if (found === undefined) return word;
  const start = word.length - found.suffix.length;
  const stem = word.slice(0, start);
  if (start < r1) return word;
  switch (found.value) {
    case "system":
      return stem.endsWith("syst") ? word : stem;
    case "niss":
      return stem.endsWith("niss") ? stem.slice(0, -1) : stem;
    case "s":
      return isOneOf(word, start - 1, "bdfghklmnrt") ? stem : word;
    case "ln":
      return `${stem}l`;
    default:
      return stem;
  }
}

const findComparative = suffixes([
  ["", "en er est"],
  ["st", "st"],
  ["et", "et"],
]);
/** Words that -et belongs to: Internet, Planet, Ticket; and those of which other forms would part. */
const KEEPS_ET = /(?:geordn|intern|plan|tick|tr)$/;

/** Step 2: -er, -est, -et. */
function comparative(word: string, r1: number): string {
  const found = findComparative(word);
  if (found === undefined) return word;
  const start = word.length - found.suffix.length;
  const stem = word.slice(0, start);
  if (start < r1) return word;
  if (found.value === "st") return isOneOf(word, start - 1, "bdfghklmnt") && start >= 4 ? stem : word;
  if (found.value === "et") return isOneOf(word, start - 1, "dfgklmnrstUzä") && !KEEPS_ET.test(stem) ? stem : word;
  return stem;
}

const findDerivation = suffixes([
  ["ung", "end ung"],
  ["ig", "ig ik isch"],
  ["lich", "lich heit"],
  ["keit", "keit"],
]);

/** Step 3: -ung, -lich, -keit and the like, in R2. */
function derived(word: string, r1: number, r2: number): string {
  const found = findDerivation(word);
  if (found === undefined) return word;
  const start = word.length - found.suffix.length;
  const stem = word.slice(0, start);
  if (start < r2) return word;
  switch (found.value) {
    case "ung":
      return stem.endsWith("ig") && !stem.endsWith("eig") && start - 2 >= r2 ? stem.slice(0, -2) : stem;
    case "ig":
      return stem.endsWith("e") ? word : stem;
    case "lich":
      return /e[rn]$/.test(stem) && start - 2 >= r1 ? stem.slice(0, -2) : stem;
    default: {
      const more = /(?:lich|ig)$/.exec(stem)?.[0].length ?? 0;
      return start - more >= r2 ? stem.slice(0, start - more) : stem;
    }
  }
}
