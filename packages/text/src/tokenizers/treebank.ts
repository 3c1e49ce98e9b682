/**
 * @file Tokens as the Penn Treebank writes them, after Robert MacIntyre's rules (1995), published as `tokenizer.sed` with
 * the treebank. They are meant for text with one sentence per row: only the period that ends the text is split off.
 * Made wider for Unicode: curly quotes are quotes and apostrophes, any letter is a letter, and a comma stays in a number.
 */

/**
 * Penn Treebank tokens of a chunk: can't → ca n't, it's → it 's, cannot → can not; an opening `"` becomes two backquotes,
 * a closing one two apostrophes. `final`: the last period ends the text and is a token.
 */
export function splitTreebank(chunk: string, final: boolean): readonly string[] {
  const tokens: string[] = [];
  const finalAt = final ? chunk.lastIndexOf(".") : -1;
  let start = 0; // of the word that is being read
  let apostrophes = 0; // in that word
  for (let at = 0; at < chunk.length; ) {
    const code = chunk.charCodeAt(at);
    if (SPECIAL[code] === 0) {
      at++;
      continue;
    }
    const length = at === finalAt ? 1 : separatorLength(chunk, at, code);
    if (length === 0) {
      if (code === APOSTROPHE || code === CURLY_APOSTROPHE) apostrophes++;
      at++;
      continue;
    }
    if (at > start) splitWord(chunk.slice(start, at), apostrophes > 0, tokens);
    tokens.push(
      code === DOUBLE_QUOTE || code === APOSTROPHE ? quote(chunk, at, finalAt) : chunk.slice(at, at + length),
    );
    at += length;
    start = at;
    apostrophes = 0;
  }
  if (start === 0) splitWord(chunk, apostrophes > 0, tokens);
  else if (start < chunk.length) splitWord(chunk.slice(start), apostrophes > 0, tokens);
  return tokens;
}

const [DOUBLE_QUOTE, APOSTROPHE, CURLY_APOSTROPHE, BACKQUOTE, HYPHEN, PERIOD, COMMA, COLON] = Array.from(
  "\"'’`-.,:",
  (c) => c.charCodeAt(0),
);

/** By code unit: whether the character may be more than a part of a word. */
const SPECIAL = new Uint8Array(0x1_0000);
for (const character of "[](){}<>;@#$%&?!*\"'’`«»“”„‘…-.,:") SPECIAL[character.charCodeAt(0)] = 1;

/** How many characters at this place stand apart from words: 0 when the character is part of one. */
function separatorLength(chunk: string, at: number, code: number): number {
  switch (code) {
    case HYPHEN:
      return chunk.charCodeAt(at + 1) === HYPHEN ? 2 : 0;
    case APOSTROPHE:
      return chunk.charCodeAt(at + 1) === APOSTROPHE ? 2 : 0;
    case BACKQUOTE:
      return chunk.charCodeAt(at + 1) === BACKQUOTE ? 2 : 1;
    case PERIOD: {
      let end = at + 1;
      while (chunk.charCodeAt(end) === PERIOD) end++;
      return end - at >= 2 ? end - at : 0;
    }
    case COMMA:
    case COLON:
      return isDigit(chunk.charCodeAt(at - 1)) && isDigit(chunk.charCodeAt(at + 1)) ? 0 : 1;
    case CURLY_APOSTROPHE:
      return WORD_FOLLOWS.test(chunk.slice(at + 1)) ? 0 : 1;
    default:
      return 1;
  }
}

const WORD_FOLLOWS = /^[\p{L}\p{N}]/u;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A straight quote opens at the start of a chunk and after an opening bracket; anywhere else it closes. */
function quote(chunk: string, at: number, finalAt: number): string {
  if (at === 0) return "``";
  return at !== finalAt + 1 && "([{<".includes(chunk[at - 1]) ? "``" : "''";
}

/** Clitics at the end of a word, none longer than three characters: possessives and contractions. */
const CLITIC = /(?:n['’]t|['’](?:s|m|d|ll|re|ve)|')$/iu;

/** Words that are two words: where to cut them. */
const COMPOUNDS: ReadonlyMap<string, number> = new Map([
  ["cannot", 3],
  ["d'ye", 2],
  ["gimme", 3],
  ["gonna", 3],
  ["gotta", 3],
  ["lemme", 3],
  ["more'n", 4],
  ["'tis", 2],
  ["'twas", 2],
  ["wanna", 3],
]);

function splitWord(word: string, apostrophe: boolean, tokens: string[]): void {
  const clitics: string[] = [];
  let rest = word;
  for (;;) {
    const cut = rest.length <= 6 ? COMPOUNDS.get(rest.toLowerCase().replace("’", "'")) : undefined;
    if (cut !== undefined) {
      tokens.push(rest.slice(0, cut), rest.slice(cut));
      break;
    }
    const clitic = apostrophe ? CLITIC.exec(rest.slice(-3))?.[0] : undefined;
    if (clitic === undefined || clitic.length === rest.length) {
      tokens.push(rest);
      break;
    }
    clitics.push(clitic);
    rest = rest.slice(0, -clitic.length);
  }
  for (let i = clitics.length - 1; i >= 0; i--) tokens.push(clitics[i]);
}
