const LONGEST = 80;

/** What moves the cursor of a terminal, or turns the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** A word of a user as a message can have it: what cannot be seen is spelled out, and what is long is cut. */
export function visible(word: string): string {
  const cut = word.length > LONGEST ? `${word.slice(0, LONGEST - 1)}…` : word;
  return cut.replace(UNSEEN, (one) => `\\u${(one.codePointAt(0) as number).toString(16).padStart(4, "0")}`);
}
