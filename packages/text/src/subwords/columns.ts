/** @file Subwords of whole columns, and the artifact that carries a tokenizer. */
import { Collector, type Files, fail, type IdsColumn, type StageContext, type TokensColumn } from "@seqloom/core";
import { watcher } from "../rows.js";
import { fingerprintOf } from "../vocabulary.js";
import type { Subwords } from "./subwords.js";
import { readTokenizer } from "./tokenizer-json.js";

const NAME = "tokenizer.json";

/** A tokenizer as an artifact: one file, `tokenizer.json`. */
export function filesOf(json: string): Files {
  return [{ name: NAME, mediaType: "application/json", bytes: new TextEncoder().encode(json) }];
}

// Chunks of one run come with equal files: the last tokenizer is kept.
let last: { readonly json: string; readonly template: boolean; readonly subwords: Promise<Subwords> } | null = null;

/**
 * The tokenizer that these files hold.
 * @throws DiagnosticError `tokenizer-json`, `tokenizer-unsupported`
 */
export function tokenizerOf(files: Files, template = false): Promise<Subwords> {
  const bytes = files.find(({ name }) => name === NAME)?.bytes;
  if (bytes === undefined) {
    throw fail("tokenizer-json", `there is no ${NAME} among the files`, {
      hint: "Connect the state of a text/subwords, or a text/load-tokenizer.",
    });
  }
  const json = new TextDecoder().decode(bytes);
  if (last === null || last.json !== json || last.template !== template) {
    last = { json, template, subwords: readTokenizer(json, NAME, template) };
  }
  return last.subwords;
}

/** Texts as subwords: the tokens as the tokenizer spells them, and their ids. */
export function encodeSubwords(
  texts: readonly string[],
  subwords: Subwords,
  context: StageContext,
): { readonly tokens: TokensColumn; readonly ids: IdsColumn } {
  const watch = watcher(context, texts.length);
  const offsets = new Int32Array(texts.length + 1);
  let values = new Int32Array(Math.max(1024, texts.length * 16));
  let count = 0;
  for (const [row, text] of texts.entries()) {
    watch(row);
    const ids = subwords.encode(text);
    if (count + ids.length > values.length) {
      const larger = new Int32Array(2 * (count + ids.length));
      larger.set(values);
      values = larger;
    }
    values.set(ids, count);
    count += ids.length;
    offsets[row + 1] = count;
  }
  values = values.slice(0, count);
  const collector = new Collector();
  const places = new Int32Array(subwords.tokens.length).fill(-1);
  const indices = values.map((id) => {
    if (places[id] < 0) places[id] = collector.index(subwords.tokens[id]);
    return places[id];
  });
  const vocabulary = fingerprintOf({ tokens: subwords.tokens, counts: [], pad: null, unknown: null });
  return {
    tokens: { type: "tokens", dictionary: collector.dictionary, indices, offsets },
    ids: { type: "ids", values, offsets, size: subwords.tokens.length, vocabulary },
  };
}
