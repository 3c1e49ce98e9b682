/** @file What Snowball's stemmers share: the longest suffix of a list that a word has, and the regions R1 and R2. */

/** A suffix that was found, and what its list says of it. */
export interface Suffix<V> {
  readonly suffix: string;
  readonly value: V;
}

/** Finds the longest suffix of a list that the word ends in and that begins at `from` or later. */
export type FindSuffix<V> = (word: string, from?: number) => Suffix<V> | undefined;

/** A list of suffixes from groups of a value and the suffixes, parted by spaces, that have it. */
export function suffixes<V>(groups: readonly (readonly [value: V, list: string])[]): FindSuffix<V> {
  const byLast = new Map<number, Suffix<V>[]>();
  for (const [value, list] of groups) {
    for (const suffix of list.split(" ")) {
      const last = suffix.charCodeAt(suffix.length - 1);
      const others = byLast.get(last);
      if (others === undefined) byLast.set(last, [{ suffix, value }]);
      else others.push({ suffix, value });
    }
  }
  for (const list of byLast.values()) list.sort((a, b) => b.suffix.length - a.suffix.length);
  return (word, from = 0) => {
    const list = byLast.get(word.charCodeAt(word.length - 1));
    return list?.find(({ suffix }) => word.length - suffix.length >= from && word.endsWith(suffix));
  };
}

/** The place after the first vowel at `from` or later; the length if there is none. */
export function pastVowel(word: string, from: number, vowels: string): number {
  let at = from;
  while (at < word.length && !vowels.includes(word[at])) at++;
  return Math.min(at + 1, word.length);
}

/** The place after the first consonant that follows a vowel, from `from` on: where R1 begins, and R2 after R1. */
export function regionAfter(word: string, from: number, vowels: string): number {
  let at = pastVowel(word, from, vowels);
  while (at < word.length && vowels.includes(word[at])) at++;
  return Math.min(at + 1, word.length);
}

/** Whether the letter at a place is one of these; there is none outside the word. */
export function isOneOf(word: string, at: number, letters: string): boolean {
  return at >= 0 && at < word.length && letters.includes(word[at]);
}

/** Whether there is a letter at a place and it is none of these. */
export function isOther(word: string, at: number, letters: string): boolean {
  return at >= 0 && at < word.length && !letters.includes(word[at]);
}
