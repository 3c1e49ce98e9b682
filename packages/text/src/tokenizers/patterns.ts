/** @file Pieces of patterns that several tokenizers share. All are for the flags `u` and `g`. */

/** An emoji as a whole: flags, keycaps, skin tones, and several joined into one. https://unicode.org/reports/tr51/ */
export const EMOJI =
  "(?:\\p{Regional_Indicator}{2}|[0-9#*]\\ufe0f?\\u20e3|" +
  "(?![©®™])\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\ufe0f]?" +
  "(?:\\u200d\\p{Extended_Pictographic}[\\p{Emoji_Modifier}\\ufe0f]?)*[\\u{e0020}-\\u{e007f}]*)";

const RUN = "[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_\\u00ad\\u200c\\u200d]*";

/**
 * A word: letters, digits, underscores and the marks on them. Between two of these an apostrophe or a hyphen stays
 * inside (don't, well-known), and between two digits a point or a comma does (3.14, 1,000).
 */
export const WORD = `${RUN}(?:(?:['’\\-‐‑]|(?<=\\p{Nd})[.,](?=\\p{Nd}))${RUN})*`;

/** Any other character, with its repetitions: "!!!", "...". */
export const REST = "(?<rest>.)\\k<rest>*";

const INVISIBLE = /^\p{Default_Ignorable_Code_Point}+$/u;
const MEANINGLESS = /^[\p{P}\p{S}\p{M}\p{C}\p{Z}]+$/u;
const ANY_EMOJI = new RegExp(EMOJI, "u");

/** Whether a token cannot be seen: a variation selector without its emoji, a joiner that joins nothing. */
export function isInvisible(token: string): boolean {
  return INVISIBLE.test(token);
}

/** Whether a token has neither letter nor digit nor emoji. */
export function isPunctuation(token: string): boolean {
  return MEANINGLESS.test(token) && !ANY_EMOJI.test(token);
}
