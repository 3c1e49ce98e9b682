/**
 * @file Snowball's stemmer of French, https://snowballstem.org/algorithms/french/stemmer.html, as of Snowball 3. In a word that
 * is worked on, `U`, `I` and `Y` are letters that are no vowels where they stand, and `He` and `Hi` are ë and ï.
 */
import { isOneOf, isOther, pastVowel, regionAfter, suffixes } from "./suffixes.js";

const VOWELS = "aeiouyâàëéêèïîôûù";

/** Where regions begin: RV, R1, R2. */
interface Regions {
  readonly v: number;
  readonly r1: number;
  readonly r2: number;
}

/** The stem of a French word, in lower case. */
export function snowballFrench(given: string): string {
  const lower = given.toLowerCase().replaceAll("’", "'");
  let word = marked(lower.replace(/^(?:[cdjlmnstz]|qu)'(?=.)/s, ""));
  const regions = regionsOf(word);
  const cut = standard(word, regions);
  // What is left of -ment is looked at as a form of a verb, and so is a word without a suffix of nouns.
  word = cut.word;
  const verb = cut.done ? word : (verbInI(word, regions) ?? otherVerb(word, regions));
  if (verb === undefined) word = residual(word, regions);
  else word = verb.replace(/Y$/, "i").replace(/ç$/, "c");
  if (/(?:enn|onn|ett|ell|eill)$/.test(word)) word = word.slice(0, -1);
  word = word.replace(/[éè](?=[^aeiouyâàëéêèïîôûù]+$)/, "e");
  return unmarked(word);
}

/** Marks letters: u and i between vowels, y beside one, u after q, and letters with a diaeresis. */
function marked(word: string): string {
  const letters = [...word];
  const isVowel = (at: number): boolean => VOWELS.includes(letters[at] ?? " ");
  for (let at = 0; at < letters.length; at++) {
    const next = letters[at + 1];
    // A vowel that was marked is none for the letters after it.
    if (isVowel(at)) {
      if ((next === "u" || next === "i") && isVowel(at + 2)) letters[at + 1] = next.toUpperCase();
      else if (next === "y") letters[at + 1] = "Y";
    }
    const letter = letters[at];
    if (letter === "ë" || letter === "ï") letters[at] = letter === "ë" ? "He" : "Hi";
    else if (letter === "y" && isVowel(at + 1)) letters[at] = "Y";
    else if (letter === "q" && next === "u") letters[at + 1] = "U";
  }
  return letters.join("");
}

const UNMARKED: Readonly<Record<string, string>> = { I: "i", U: "u", Y: "y", He: "ë", Hi: "ï", H: "" };

function unmarked(word: string): string {
  return word.replace(/[IUY]|H[ei]?/g, (mark) => UNMARKED[mark]);
}

/** RV begins after the third letter of a word that begins with two vowels or is of a list, else after the first vowel but the first letter. */
function regionsOf(word: string): Regions {
  const early = isOneOf(word, 0, VOWELS) && isOneOf(word, 1, VOWELS) && word.length > 2;
  const r1 = regionAfter(word, 0, VOWELS);
  return {
    v: early || /^(?:par|col|tap|ni[aeiouyâàëéêèïîôûù])/.test(word) ? 3 : pastVowel(word, 1, VOWELS),
    r1,
    r2: regionAfter(word, r1, VOWELS),
  };
}

const findStandard = suffixes([
  ["ance", "ance iqUe isme able iste eux ances iqUes ismes ables istes"],
  ["ation", "atrice ateur ation atrices ateurs ations"],
  ["logie", "logie logies"],
  ["ution", "usion ution usions utions"],
  ["ence", "ence ences"],
  ["ement", "ement ements"],
  ["ité", "ité ités"],
  ["if", "if ive ifs ives"],
  ["eaux", "eaux"],
  ["aux", "aux"],
  ["oux", "oux"],
  ["euse", "euse euses"],
  ["issement", "issement issements"],
  ["amment", "amment"],
  ["emment", "emment"],
  ["ment", "ment ments"],
] as const);

/** Step 1: suffixes of nouns, adjectives and adverbs. `done` says that no suffix of a verb is to be looked for. */
function standard(word: string, { v, r1, r2 }: Regions): { readonly word: string; readonly done: boolean } {
  const found = findStandard(word);
  if (found === undefined) return { word, done: false };
  const start = word.length - found.suffix.length;
  const stem = word.slice(0, start);
  const after = (region: number, result: () => string) =>
    start >= region ? { word: result(), done: true } : { word, done: false };
  switch (found.value) {
    case "ance":
      return after(r2, () => stem);
    case "ation":
      return after(r2, () => cutOr(stem, "ic", r2, "iqU"));
    case "logie":
      return after(r2, () => `${stem}log`);
    case "ution":
      return after(r2, () => `${stem}u`);
    case "ence":
      return after(r2, () => `${stem}ent`);
    case "ement":
      return after(v, () => beforeEment(stem, v, r1, r2));
    case "ité":
      return after(r2, () => {
        if (stem.endsWith("abil")) return cutOr(stem, "abil", r2, "abl");
        return stem.endsWith("iv") ? cut(stem, "iv", r2) : cutOr(stem, "ic", r2, "iqU");
      });
    case "if":
      return after(r2, () => {
        const shorter = cut(stem, "at", r2);
        return shorter === stem ? stem : cutOr(shorter, "ic", r2, "iqU");
      });
    case "eaux":
      return { word: `${stem}eau`, done: true };
    case "aux":
      return after(r1, () => `${stem}al`);
    case "oux":
      return isOneOf(word, start - 1, "bhjlnp") ? { word: `${stem}ou`, done: true } : { word, done: false };
    case "euse":
      return start >= r2 ? { word: stem, done: true } : after(r1, () => `${stem}eux`);
    case "issement":
      return isOther(word, start - 1, VOWELS) ? after(r1, () => stem) : { word, done: false };
    case "amment":
      return { word: start >= v ? `${stem}ant` : word, done: false };
    case "emment":
      return { word: start >= v ? `${stem}ent` : word, done: false };
    case "ment":
      return { word: isOneOf(word, start - 1, VOWELS) && start - 1 >= v ? stem : word, done: false };
  }
}

/** Without an ending that is in a region. */
function cut(word: string, ending: string, region: number): string {
  const start = word.length - ending.length;
  return word.endsWith(ending) && start >= region ? word.slice(0, start) : word;
}

/** Without an ending that is in a region; elsewhere with another in its place. */
function cutOr(word: string, ending: string, region: number, other: string): string {
  if (!word.endsWith(ending)) return word;
  const start = word.length - ending.length;
  return word.slice(0, start) + (start >= region ? "" : other);
}

function beforeEment(stem: string, v: number, r1: number, r2: number): string {
  if (stem.endsWith("iv")) {
    const shorter = cut(stem, "iv", r2);
    return shorter === stem ? stem : cut(shorter, "at", r2);
  }
  if (stem.endsWith("eus")) {
    const start = stem.length - 3;
    return start >= r2 ? stem.slice(0, start) : start >= r1 ? `${stem.slice(0, start)}eux` : stem;
  }
  if (/(?:abl|iqU)$/.test(stem)) return cut(stem, stem.slice(-3), r2);
  if (/[iI]èr$/.test(stem) && stem.length - 3 >= v) return `${stem.slice(0, -3)}i`;
  return stem;
}

const findVerbInI = suffixes([
  [
    "",
    "îmes ît îtes i ie ies ir ira irai iraIent irais irait iras irent irez iriez irions irons iront is issaIent issais " +
      "issait issant issante issantes issants isse issent isses issez issiez issions issons it",
  ],
]);

/** Step 2a: forms of verbs in -ir; undefined where it is none. */
function verbInI(word: string, { v }: Regions): string | undefined {
  const found = findVerbInI(word, v);
  if (found === undefined) return undefined;
  const start = word.length - found.suffix.length;
  return start > v && isOther(word, start - 1, `${VOWELS}H`) ? word.slice(0, start) : undefined;
}

const findVerb = suffixes([
  ["ions", "ions"],
  ["é", "é ée ées és èrent er era erai eraIent erais erait eras erez eriez erions erons eront ez iez eais"],
  ["a", "âmes ât âtes a ai aIent ait ant ante antes ants as asse assent asses assiez assions"],
  ["ais", "ais aise aises"],
]);
/** Words that -ais belongs to: palais, mauvais. */
const KEEPS_AIS = /^.al$|auv$|épl$/;

/** Step 2b: forms of other verbs; undefined where it is none. */
function otherVerb(word: string, { v, r2 }: Regions): string | undefined {
  const found = findVerb(word, v);
  if (found === undefined) return undefined;
  const start = word.length - found.suffix.length;
  const stem = word.slice(0, start);
  if (found.value === "ions") return start >= r2 ? stem : undefined;
  if (found.value === "a") return cut(stem, "e", v);
  return found.value === "ais" && KEEPS_AIS.test(stem) ? undefined : stem;
}

/** Step 4: what is left of other words: a final s, -ion, -ier, -e. */
function residual(given: string, { v, r2 }: Regions): string {
  const word = /(?:Hi|[^aiouès])s$/.test(given) ? given.slice(0, -1) : given;
  const ending = /(?:ion|[iI]er|[iI]ère|e)$/.exec(word)?.[0] ?? "";
  const start = word.length - ending.length;
  if (ending === "" || start < v) return ending.length > 1 && word.endsWith("e") ? cut(word, "e", v) : word;
  if (ending === "e") return word.slice(0, -1);
  if (ending !== "ion") return `${word.slice(0, start)}i`;
  return start >= r2 && start > v && isOneOf(word, start - 1, "st") ? word.slice(0, start) : word;
}
