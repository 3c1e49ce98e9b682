/**
 * @file The stemmer of M. F. Porter, "An algorithm for suffix stripping" (Program 14, 1980), with its author's two later
 * changes (`bli` → `ble` and `logi` → `log`) and with words of one or two letters left alone: the form that he publishes
 * at https://tartarus.org/martin/PorterStemmer/. It works in place on character codes: no strings, no patterns.
 */

// The word that is being stemmed: its letters, and for each whether it is a vowel. Reused, so a call allocates nothing.
let letters = new Uint16Array(64);
let vowels = new Uint8Array(64);
let length = 0;

/** The stem of a word, in lower case. Letters outside a–z count as consonants. */
export function porterStem(word: string): string {
  const lower = word.toLowerCase();
  if (lower.length <= 2) return lower;
  load(lower);
  step1a();
  step1b();
  if (last() === Y && hasVowel(length - 1)) put(length - 1, I);
  replaceSuffix(STEP_2);
  replaceSuffix(STEP_3);
  step4();
  step5();
  return unload(lower);
}

const [A, E, I, L, O, S, T, U, W, X, Y, Z] = Array.from("aeilostuwxyz", (letter) => letter.charCodeAt(0));

function load(word: string): void {
  length = word.length;
  if (length + 2 > letters.length) {
    letters = new Uint16Array(length * 2);
    vowels = new Uint8Array(length * 2);
  }
  for (let i = 0; i < length; i++) put(i, word.charCodeAt(i));
}

/** The part that was not touched is taken from the word itself. */
function unload(word: string): string {
  let same = 0;
  while (same < length && same < word.length && letters[same] === word.charCodeAt(same)) same++;
  if (same === word.length && same === length) return word;
  // Spelled out: rules add at most three letters, and making an array of them would cost more than all the rest.
  const kept = word.slice(0, same);
  if (same === length) return kept;
  if (same + 1 === length) return kept + String.fromCharCode(letters[same]);
  if (same + 2 === length) return kept + String.fromCharCode(letters[same], letters[same + 1]);
  return kept + String.fromCharCode(...letters.subarray(same, length));
}

/** By letter: 1 for a vowel, 2 for y, which is one when it follows a consonant. */
const KINDS = new Uint8Array(0x1_0000);
for (const vowel of [A, E, I, O, U]) KINDS[vowel] = 1;
KINDS[Y] = 2;

/** Letters are put from left to right. */
function put(at: number, letter: number): void {
  const kind = KINDS[letter];
  letters[at] = letter;
  vowels[at] = kind < 2 ? kind : at > 0 && vowels[at - 1] === 0 ? 1 : 0;
}

function last(): number {
  return letters[length - 1];
}

/** Porter's m of the first `end` letters: how many times a vowel is followed by a consonant. */
function measure(end: number): number {
  let count = 0;
  for (let i = 1; i < end; i++) if (vowels[i] === 0 && vowels[i - 1] === 1) count++;
  return count;
}

function hasVowel(end: number): boolean {
  for (let i = 0; i < end; i++) if (vowels[i] === 1) return true;
  return false;
}

/** Whether the letters end in a double consonant. */
function endsDouble(): boolean {
  return length >= 2 && last() === letters[length - 2] && vowels[length - 1] === 0;
}

/** Whether the first `end` letters end in consonant, vowel, consonant, the last one not w, x or y. */
function endsShort(end: number): boolean {
  if (end < 3 || vowels[end - 1] === 1 || vowels[end - 2] === 0 || vowels[end - 3] === 1) return false;
  const letter = letters[end - 1];
  return letter !== W && letter !== X && letter !== Y;
}

/** Whether the word ends in this suffix. */
function ends(suffix: string): boolean {
  const start = length - suffix.length;
  if (start < 0) return false;
  for (let i = suffix.length - 1; i >= 0; i--) if (letters[start + i] !== suffix.charCodeAt(i)) return false;
  return true;
}

/** Plurals: caresses → caress, ponies → poni, cats → cat. */
function step1a(): void {
  if (last() !== S) return;
  if (ends("sses") || ends("ies")) length -= 2;
  else if (letters[length - 2] !== S) length--;
}

/** Past and progressive: agreed → agree, plastered → plaster, hopping → hop, filing → file. */
function step1b(): void {
  if (ends("eed")) {
    if (measure(length - 3) > 0) length--;
    return;
  }
  const cut = ends("ed") ? 2 : ends("ing") ? 3 : 0;
  if (cut === 0 || !hasVowel(length - cut)) return;
  length -= cut;
  if (ends("at") || ends("bl") || ends("iz")) put(length++, E);
  else if (endsDouble()) {
    if (last() !== L && last() !== S && last() !== Z) length--;
  } else if (measure(length) === 1 && endsShort(length)) put(length++, E);
}

/** Suffixes by their last letter but one, each with what takes its place. Of several that fit, the longest is first. */
type Rules = readonly (readonly (readonly [suffix: string, replacement: string])[] | undefined)[];

function rules(pairs: readonly (readonly [string, string])[]): Rules {
  const table: (readonly [string, string])[][] = [];
  for (const pair of pairs) {
    const key = pair[0].charCodeAt(pair[0].length - 2);
    table[key] = [...(table[key] ?? []), pair];
  }
  return Array.from({ length: 128 }, (_, key) => table[key]);
}

const STEP_2 = rules([
  ["ational", "ate"],
  ["tional", "tion"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["izer", "ize"],
  ["bli", "ble"],
  ["alli", "al"],
  ["entli", "ent"],
  ["eli", "e"],
  ["ousli", "ous"],
  ["ization", "ize"],
  ["ation", "ate"],
  ["ator", "ate"],
  ["alism", "al"],
  ["iveness", "ive"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["aliti", "al"],
  ["iviti", "ive"],
  ["biliti", "ble"],
  ["logi", "log"],
]);

const STEP_3 = rules([
  ["icate", "ic"],
  ["ative", ""],
  ["alize", "al"],
  ["iciti", "ic"],
  ["ical", "ic"],
  ["ful", ""],
  ["ness", ""],
]);

const STEP_4 = rules(
  [
    "al",
    "ance",
    "ence",
    "er",
    "ic",
    "able",
    "ible",
    "ant",
    "ement",
    "ment",
    "ent",
    "ion",
    "ou",
    "ism",
    "ate",
    "iti",
    "ous",
    "ive",
    "ize",
  ].map((suffix) => [suffix, ""] as const),
);

/** Double suffixes to single ones (step 2), then -ic-, -full, -ness (step 3): where m > 0 before the suffix. */
function replaceSuffix(table: Rules): void {
  for (const [suffix, replacement] of table[letters[length - 2]] ?? []) {
    if (!ends(suffix)) continue;
    const start = length - suffix.length;
    if (measure(start) === 0) return;
    for (let i = 0; i < replacement.length; i++) put(start + i, replacement.charCodeAt(i));
    length = start + replacement.length;
    return;
  }
}

/** -ant, -ence and the like: where m > 1 before the suffix; -ion only after s or t. */
function step4(): void {
  for (const [suffix] of STEP_4[letters[length - 2]] ?? []) {
    if (!ends(suffix)) continue;
    const start = length - suffix.length;
    const before = letters[start - 1];
    if (measure(start) > 1 && (suffix !== "ion" || before === S || before === T)) length = start;
    return;
  }
}

/** A final -e, and -ll → -l, of long words. */
function step5(): void {
  if (last() === E) {
    const count = measure(length - 1);
    if (count > 1 || (count === 1 && !endsShort(length - 1))) length--;
  }
  if (last() === L && endsDouble() && measure(length) > 1) length--;
}
