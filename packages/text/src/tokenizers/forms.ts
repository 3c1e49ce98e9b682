/** @file A hash table of distinct strings that is asked by character codes, so that asking makes no string. */

// FNV-1a over UTF-16 code units: one multiplication per character.
export const HASH_START = 0x811c9dc5 | 0;
export const HASH_FACTOR = 0x01000193;
/** Mixed into the hash of a chunk whose last period ends the text, because it may split in another way. */
const FINAL = 0x5bd1e995;

/** Numbers kept per form, next to each other so that asking touches one line of the processor's cache. */
export const FORM = 8;
const HASH = 0;
/** Where its characters are in the pool. */
const START = 1;
const END = 2;
/** As a chunk: how many tokens it has (-1: not split yet), and the first token or, when several, where they are in `tokens`. */
export const COUNT = 3;
export const FIRST = 4;
/** As a token: its place in the dictionary, or -1. */
const TOKEN = 5;

/**
 * The distinct strings seen so far: chunks of text with the tokens that they split into, and tokens. Open addressing,
 * at most half full; every find compares the characters themselves.
 */
export class FormTable {
  /** `FORM` numbers per form. */
  forms: Int32Array;
  tokens = new Int32Array(1 << 12);
  readonly dictionary: string[] = [];
  readonly #split: (chunk: string, final: boolean) => readonly string[];
  #size = 0;
  #tokenEnd = 0;
  #slots: Int32Array; // Form + 1, or 0 where the slot is free.
  #characters: Uint16Array;
  #scratch = new Uint16Array(256);

  /** `expected`: about how many forms there will be; it spares growing, no more. */
  constructor(split: (chunk: string, final: boolean) => readonly string[], expected: number) {
    this.#split = split;
    const size = 1 << Math.min(Math.max(32 - Math.clz32(expected), 8), 17);
    this.forms = new Int32Array(size * FORM);
    this.#slots = new Int32Array(size * 2);
    this.#characters = new Uint16Array(size * 8);
  }

  /** The form, with its tokens, of the chunk in `codes[0 … length)`, which ends at `end` of `text`. */
  chunk(codes: Uint16Array, length: number, contentHash: number, final: boolean, text: string, end: number): number {
    const form = this.#form(codes, length, final ? contentHash ^ FINAL : contentHash);
    if (this.forms[form * FORM + COUNT] < 0) this.#splitChunk(form, text.slice(end - length, end), final);
    return form;
  }

  #splitChunk(form: number, chunk: string, final: boolean): void {
    const words = this.#split(chunk, final);
    const at = form * FORM;
    if (words.length === 1) {
      const index = !final && words[0] === chunk ? this.#tokenOf(form, chunk) : this.#token(words[0]);
      this.forms[at + FIRST] = index;
    } else {
      const first = this.#tokenEnd;
      this.#tokenEnd += words.length;
      if (this.#tokenEnd > this.tokens.length) this.tokens = grown(this.tokens, this.#tokenEnd);
      for (let i = 0; i < words.length; i++) this.tokens[first + i] = this.#token(words[i]);
      this.forms[at + FIRST] = first;
    }
    this.forms[at + COUNT] = words.length;
  }

  /** The place of a token in the dictionary. */
  #token(word: string): number {
    if (word.length > this.#scratch.length) this.#scratch = new Uint16Array(word.length * 2);
    let hash = HASH_START;
    for (let i = 0; i < word.length; i++) {
      const code = word.charCodeAt(i);
      hash = Math.imul(hash ^ code, HASH_FACTOR);
      this.#scratch[i] = code;
    }
    return this.#tokenOf(this.#form(this.#scratch, word.length, hash), word);
  }

  #tokenOf(form: number, word: string): number {
    const known = this.forms[form * FORM + TOKEN];
    if (known >= 0) return known;
    const index = this.dictionary.push(word) - 1;
    this.forms[form * FORM + TOKEN] = index;
    return index;
  }

  /** The form of these characters, a new one if need be. */
  #form(codes: Uint16Array, length: number, hash: number): number {
    const slots = this.#slots;
    const forms = this.forms;
    const mask = slots.length - 1;
    let slot = spread(hash) & mask;
    for (let form = slots[slot] - 1; form >= 0; form = slots[slot] - 1) {
      const at = form * FORM;
      if (forms[at + HASH] === hash && this.#equals(forms[at + START], forms[at + END], codes, length)) return form;
      slot = (slot + 1) & mask;
    }
    return this.#add(codes, length, hash);
  }

  #equals(start: number, end: number, codes: Uint16Array, length: number): boolean {
    if (end - start !== length) return false;
    const characters = this.#characters;
    for (let i = 0; i < length; i++) if (characters[start + i] !== codes[i]) return false;
    return true;
  }

  #add(codes: Uint16Array, length: number, hash: number): number {
    if ((this.#size + 1) * FORM > this.forms.length) this.#grow();
    const form = this.#size++;
    const at = form * FORM;
    const start = form === 0 ? 0 : this.forms[at - FORM + END];
    if (start + length > this.#characters.length) this.#characters = grown(this.#characters, start + length);
    for (let i = 0; i < length; i++) this.#characters[start + i] = codes[i];
    this.forms[at + HASH] = hash;
    this.forms[at + START] = start;
    this.forms[at + END] = start + length;
    this.forms[at + COUNT] = -1;
    this.forms[at + TOKEN] = -1;
    this.#place(form);
    return form;
  }

  #place(form: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(this.forms[form * FORM + HASH]) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = form + 1;
  }

  #grow(): void {
    this.forms = grown(this.forms, this.forms.length * 2);
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let form = 0; form < this.#size; form++) this.#place(form);
  }
}

/** FNV's low bits depend on low bits only; the high ones are brought down. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

/** The same values in an array of at least this length, and of twice its own. */
export function grown<A extends Int32Array | Uint16Array>(values: A, least: number): A {
  const Constructor = values.constructor as new (length: number) => A;
  const larger = new Constructor(Math.max(values.length * 2, least));
  larger.set(values);
  return larger;
}
