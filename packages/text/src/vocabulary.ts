import {
  countDictionary,
  type IdsColumn,
  type Metrics,
  type TokensColumn,
  type Vocabulary,
  vocabularyFingerprint,
} from "@seqloom/core";
import { firstOf } from "./first.js";

/** See the parameters of `text/encode`. */
export interface VocabularyOptions {
  readonly max_size: number | null;
  readonly min_count: number;
  readonly order: "frequency" | "alphabet";
  readonly pad: string | null;
  readonly unknown: string | null;
}

type Counted = readonly [word: string, count: number];

/** How often each word occurs in rows that come one batch after the other. */
export class TokenCounts {
  readonly words = new Map<string, number>();
  tokens = 0;
  rows = 0;

  add(column: TokensColumn): this {
    const occurrences = countDictionary(column);
    for (const [form, word] of column.dictionary.entries()) {
      if (occurrences[form] > 0) this.words.set(word, (this.words.get(word) ?? 0) + occurrences[form]);
    }
    this.tokens += column.offsets[column.offsets.length - 1] - column.offsets[0];
    this.rows += column.offsets.length - 1;
    return this;
  }
}

/**
 * The vocabulary of these tokens: `pad` and `unknown` first, then the words. `counts` of `unknown` holds every token that
 * became unknown. Words that are spelled like `pad` or `unknown` are these tokens.
 */
export function vocabularyOf(counts: TokenCounts, options: VocabularyOptions): Vocabulary {
  const { pad, unknown, max_size, min_count } = options;
  const specials = [pad, unknown].filter((token) => token !== null);
  const counted: readonly Counted[] = [...counts.words];

  let words = counted.filter(([word, count]) => count >= Math.max(min_count, 1) && !specials.includes(word));
  const most = max_size === null ? words.length : Math.max(max_size - specials.length, 0);
  if (options.order === "frequency" || most < words.length) words.sort(byCount);
  words = words.slice(0, most);
  if (options.order === "alphabet") words.sort(byWord);

  const all = [...specials.map((token): Counted => [token, counts.words.get(token) ?? 0]), ...words];
  const left = counts.tokens - all.reduce((sum, [, count]) => sum + count, 0);
  return {
    tokens: all.map(([word]) => word),
    counts: all.map(([word, count]) => (word === unknown ? count + left : count)),
    pad,
    unknown,
  };
}

/** 16 hexadecimal digits of the SHA-256 of the tokens in their order: vocabularies with the same ones give the same ids. */
export function fingerprintOf({ tokens }: Vocabulary): string {
  return vocabularyFingerprint(tokens);
}

/**
 * The ids of the tokens, with the fingerprint of the vocabulary; words that are not in it become `unknown` or, where there
 * is none, are left out.
 */
export function encodeTokens(column: TokensColumn, vocabulary: Vocabulary): IdsColumn {
  const ids = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  const unknown = vocabulary.unknown === null ? -1 : (ids.get(vocabulary.unknown) ?? -1);
  const target = Int32Array.from(column.dictionary, (word) => ids.get(word) ?? unknown);
  const { indices, offsets } = column;
  const values = new Int32Array(indices.length);
  const starts = new Int32Array(offsets.length);
  let count = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let i = offsets[row]; i < offsets[row + 1]; i++) {
      const id = target[indices[i]];
      if (id >= 0) values[count++] = id;
    }
    starts[row + 1] = count;
  }
  return {
    type: "ids",
    values: values.slice(0, count),
    offsets: starts,
    size: vocabulary.tokens.length,
    vocabulary: fingerprintOf(vocabulary),
  };
}

/** Size, hapax (words that occur once) and, where unknown words are counted, the share of tokens that are known; the top words. */
export function describeVocabulary({ tokens, counts, pad, unknown }: Vocabulary): Metrics {
  const words = tokens
    .map((word, id): Counted => [word, counts[id]])
    .filter(([word]) => word !== pad && word !== unknown);
  const known = words.reduce((sum, [, count]) => sum + count, 0);
  const all = known + (unknown === null ? 0 : counts[tokens.indexOf(unknown)]);
  const top = firstOf(words, 20, byCount);
  return {
    values: {
      size: tokens.length,
      hapax: words.filter(([, count]) => count === 1).length,
      ...(unknown !== null && { coverage: all === 0 ? 0 : known / all }),
    },
    tables: {
      "most frequent words": {
        columns: ["word", "count", "share"],
        rows: top.map(([word, count]) => [word, count, Math.round((count / all) * 1e6) / 1e6]),
      },
    },
  };
}

function byCount(a: Counted, b: Counted): number {
  return b[1] - a[1] || byWord(a, b);
}

/** By code unit: the same everywhere. */
function byWord(a: Counted, b: Counted): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
