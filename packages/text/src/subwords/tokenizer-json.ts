/**
 * @file `tokenizer.json`, the form in which Hugging Face's libraries keep tokenizers. What we learn is written so; of what is
 * read, byte-level BPE (GPT-2 and its kin) and our unigram models are run by our code, all else by `@huggingface/tokenizers`.
 */
import { fail } from "@seqloom/core";
import { Bpe } from "./bpe.js";
import { byteLevelSubwords, SPACE, SPACED_WORD, type Subwords, unigramSubwords } from "./subwords.js";
import type { Merges } from "./train-bpe.js";
import { type Piece, Unigram } from "./unigram.js";

/** What our code looks at; a file has more. */
interface TokenizerJson {
  readonly added_tokens?: readonly {
    readonly id: number;
    readonly content: string;
    readonly [flag: string]: unknown;
  }[];
  readonly normalizer?: Part | null;
  readonly pre_tokenizer?: Part | null;
  readonly post_processor?: Part | null;
  readonly decoder?: Part | null;
  readonly model: Part;
}

type Part = { readonly type?: string; readonly [key: string]: unknown };

const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
const UNIGRAM_PARTS = {
  normalizer: { type: "Replace", pattern: { String: " " }, content: SPACE },
  pre_tokenizer: { type: "Split", pattern: { Regex: SPACED_WORD }, behavior: "Isolated", invert: false },
  decoder: {
    type: "Sequence",
    decoders: [
      { type: "Replace", pattern: { String: SPACE }, content: " " },
      { type: "ByteFallback" },
      { type: "Fuse" },
    ],
  },
};
/** So unlikely that the spelling of a byte in a text is never taken for the byte. */
const BYTE_SCORE = -1000;

/** The file of byte-level BPE: the special tokens have the first ids, then the symbols theirs. */
export function byteLevelJson(specials: readonly string[], { symbols, merges }: Merges): string {
  const vocab = Object.fromEntries(
    [...specials, ...symbols.filter((one) => !specials.includes(one))].map((token, id) => [token, id]),
  );
  const model = {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab,
    merges: merges.map((pair) => pair.join(" ")),
  };
  return written(specials, { normalizer: null, pre_tokenizer: BYTE_LEVEL, decoder: BYTE_LEVEL, model });
}

/** The file of a unigram model: the special tokens, the second of which is "unknown", the 256 bytes, then the pieces. */
export function unigramJson(specials: readonly string[], unknown: string, pieces: readonly Piece[]): string {
  const vocab = [
    ...specials.map((token) => [token, 0] as const),
    ...Array.from({ length: 256 }, (_, byte) => [byteName(byte), BYTE_SCORE] as const),
    ...pieces.filter(([piece]) => !specials.includes(piece)),
  ];
  const model = { type: "Unigram", unk_id: specials.indexOf(unknown), vocab, byte_fallback: true };
  return written(specials, { ...UNIGRAM_PARTS, model });
}

function written(specials: readonly string[], { model, ...parts }: Omit<TokenizerJson, "added_tokens">): string {
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const added_tokens = specials.map((content, id) => ({ id, content, ...plain }));
  const { normalizer, pre_tokenizer, decoder } = parts;
  const head = { version: "1.0", truncation: null, padding: null, added_tokens };
  return JSON.stringify({ ...head, normalizer, pre_tokenizer, post_processor: null, decoder, model });
}

function byteName(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/**
 * The tokenizer of a file.
 * @param template whether special tokens are put around each text, as the file says
 * @throws DiagnosticError `tokenizer-json` when it is none, `tokenizer-unsupported` when it needs what no one here can do
 */
export async function readTokenizer(json: string, name: string, template = false): Promise<Subwords> {
  const file = parsed(json, name);
  if (!template || file.post_processor === null || file.post_processor === undefined) {
    const own = ownSubwords(file);
    if (own !== null) return own;
  }
  const { Tokenizer } = await import("@huggingface/tokenizers");
  try {
    const tokenizer = new Tokenizer(file, {});
    const tokens: string[] = [];
    for (const [token, id] of tokenizer.get_vocab(true)) tokens[id] = token;
    const encode = { add_special_tokens: template };
    const decode = { skip_special_tokens: false, clean_up_tokenization_spaces: false };
    return {
      tokens: Array.from(tokens, (token) => token ?? ""),
      encode: (text) => tokenizer.encode(text, encode).ids,
      decode: (ids) => {
        const list = [...ids];
        return list.length === 0 ? "" : tokenizer.decode(list, decode);
      },
    };
  } catch (error) {
    throw fail("tokenizer-unsupported", `${name} cannot be used: ${(error as Error).message}`, {
      hint: "It asks for a step that is not known here. Those of BERT, GPT-2, Llama, T5 and their kin are.",
    });
  }
}

function parsed(json: string, name: string): TokenizerJson {
  let file: unknown;
  try {
    file = JSON.parse(json);
  } catch (error) {
    throw fail("tokenizer-json", `${name} is not JSON: ${(error as Error).message}`, { hint: FORM });
  }
  const model = (file as Partial<TokenizerJson> | null)?.model;
  if (typeof model !== "object" || model === null || !("vocab" in model)) {
    throw fail("tokenizer-json", `${name} has no model with a vocabulary`, { hint: FORM });
  }
  return {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: [],
    ...(file as TokenizerJson),
  };
}

const FORM = "Give the file tokenizer.json of a tokenizer, as Hugging Face's libraries and `seqloom export` write it.";

/** The same tokenizer by our own code, or null where the file asks for more. */
function ownSubwords(file: TokenizerJson): Subwords | null {
  const { model, normalizer, pre_tokenizer, decoder } = file;
  const added = file.added_tokens ?? [];
  if (added.some(({ single_word, lstrip, rstrip }) => single_word === true || lstrip === true || rstrip === true)) {
    return null;
  }
  const specials = added.map(({ content }) => content);
  const type = model.type ?? ("merges" in model ? "BPE" : "");
  const isByteLevel = (part: Part | null | undefined): boolean =>
    part?.type === "ByteLevel" && part.use_regex !== false;
  if (
    type === "BPE" &&
    (normalizer ?? null) === null &&
    isByteLevel(pre_tokenizer) &&
    pre_tokenizer?.add_prefix_space === false &&
    isByteLevel(decoder) &&
    ["dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"].every(
      (key) => !model[key],
    )
  ) {
    const ids = new Map(Object.entries(model.vocab as Readonly<Record<string, number>>));
    for (const { id, content } of added) ids.set(content, id);
    const merges = (model.merges as readonly (string | readonly [string, string])[]).map((pair) =>
      typeof pair === "string" ? (pair.split(" ", 2) as [string, string]) : pair,
    );
    return byteLevelSubwords(byId(ids), new Bpe(ids, merges), specials);
  }
  if (
    type === "Unigram" &&
    model.byte_fallback === true &&
    isSame({ normalizer, pre_tokenizer, decoder }, UNIGRAM_PARTS)
  ) {
    const vocab = model.vocab as readonly Piece[];
    const ids = new Map(vocab.map(([piece], id) => [piece, id]));
    const byteIds = Array.from({ length: 256 }, (_, byte) => ids.get(byteName(byte)) ?? -1);
    const known = new Set([...specials, ...Array.from({ length: 256 }, (_, byte) => byteName(byte))]);
    const places = vocab.flatMap(([piece], id) => (known.has(piece) ? [] : [id]));
    if (byteIds.includes(-1)) return null;
    return unigramSubwords(
      byId(ids),
      new Unigram(places.map((id) => vocab[id])),
      Int32Array.from(places),
      byteIds,
      specials,
    );
  }
  return null;
}

function byId(ids: ReadonlyMap<string, number>): string[] {
  const tokens: string[] = [];
  for (const [token, id] of ids) tokens[id] = token;
  return Array.from(tokens, (token) => token ?? "");
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
