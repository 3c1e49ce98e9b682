/** @file Rules that bring text to a common form: what `text/normalise` does to one text. */

/** What becomes of URLs, mentions, hashtags and numbers: kept as ordinary text, taken out, or replaced by a token. */
export type Treatment = "keep" | "strip" | { readonly replace: string };

/** See the parameters of `text/normalise`. */
export interface NormaliseOptions {
  readonly unicode: "nfc" | "nfkc" | "keep";
  readonly case: "lower" | "keep";
  readonly urls: Treatment;
  readonly mentions: Treatment;
  readonly hashtags: Treatment;
  readonly numbers: Treatment;
  readonly accents: "keep" | "strip";
  readonly repeated_letters: number | null;
  readonly punctuation: "keep" | "strip";
  readonly spaces: "collapse" | "keep";
}

type Step = (text: string) => string;

/**
 * A function that applies the rules to a text, in the order of {@link NormaliseOptions}. Rules that would do nothing cost
 * nothing; what a token replaced is out of reach of the rules after it.
 */
export function normaliser(options: NormaliseOptions): Step {
  const plain = inOrder([
    options.accents === "strip" && stripAccents,
    options.repeated_letters !== null && limitRuns(options.repeated_letters),
    options.punctuation === "strip" && stripPunctuation,
  ]);
  return inOrder([
    options.unicode !== "keep" && composed(options.unicode === "nfc" ? "NFC" : "NFKC"),
    options.case === "lower" && lowerCase,
    around(options, plain),
    options.spaces === "collapse" && collapseSpaces,
  ]);
}

function inOrder(steps: readonly (Step | false)[]): Step {
  const [first, second, ...rest] = steps.filter((step) => step !== false);
  if (first === undefined) return same;
  if (second === undefined) return first;
  const others = inOrder([second, ...rest]);
  return (text) => others(first(text));
}

const same: Step = (text) => text;

const lowerCase: Step = (text) => text.toLowerCase();

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII, controls too.
const ASCII = /^[\x00-\x7f]*$/;

function composed(form: "NFC" | "NFKC"): Step {
  return (text) => (ASCII.test(text) ? text : text.normalize(form));
}

/** The patterns of what may be replaced, by parameter, in the order in which they are looked for. */
const SPECIAL = {
  urls: '(?:https?://|www\\.)[^\\s<>"]*[\\p{L}\\p{N}/_=&#~-]',
  mentions: "(?<![\\p{L}\\p{N}_.+-])@[\\p{L}\\p{N}_]+",
  hashtags: "(?<![\\p{L}\\p{N}_&])#[\\p{L}\\p{N}\\p{M}_]*[\\p{L}\\p{M}][\\p{L}\\p{N}\\p{M}_]*",
  numbers:
    "(?:(?<=^|\\s)[+-])?(?<![\\p{L}\\p{N}_]|[\\p{L}\\p{N}][.,'’-])\\p{Nd}+(?:[.,]\\p{Nd}+)*(?![\\p{L}\\p{N}_]|[.,]\\p{Nd}|[-'’]\\p{L})",
} as const;

/** Applies `plain` to what lies between the special parts, and the treatment of each to the special parts. */
function around(options: NormaliseOptions, plain: Step): Step | false {
  const names = (["urls", "mentions", "hashtags", "numbers"] as const).filter((name) => options[name] !== "keep");
  if (names.length === 0) return plain === same ? false : plain;
  const pattern = new RegExp(names.map((name) => `(?<${name}>${SPECIAL[name]})`).join("|"), "giu");
  return (text) => {
    let result = "";
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      const name = names.find((candidate) => match.groups?.[candidate] !== undefined) ?? names[0];
      const treatment = options[name];
      result += plain(text.slice(end, match.index));
      if (typeof treatment === "object") result += treatment.replace;
      end = match.index + match[0].length;
    }
    return result + plain(text.slice(end));
  };
}

/** Takes the marks off letters: é → e. Letters that only look like one with a mark (ø, ł, ß) stay; so do vowel signs. */
function stripAccents(text: string): string {
  return ASCII.test(text)
    ? text
    : text
        .normalize("NFD")
        .replace(/[\u0300-\u036f]/g, "")
        .normalize("NFC");
}

/** Cuts runs of one letter to `most`: "ooooh" → "ooh". */
function limitRuns(most: number): Step {
  const run = new RegExp(`(\\p{L})\\1{${most},}`, "gu");
  return (text) => text.replace(run, (_, letter: string) => letter.repeat(most));
}

/** An apostrophe inside a word goes without a gap (don't → dont); all else becomes a space. Emoji are no punctuation. */
function stripPunctuation(text: string): string {
  return text
    .replace(/(?<=\p{L})['’](?=\p{L})/gu, "")
    .replace(/(?!\p{Emoji_Modifier})[\p{P}\p{Sm}\p{Sc}\p{Sk}]/gu, " ");
}

function collapseSpaces(text: string): string {
  return /^\s|\s$|\s\s|[^\S ]/.test(text) ? text.replace(/\s+/g, " ").trim() : text;
}
