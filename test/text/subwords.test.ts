/** @file Files tokenizer.json as other tools write them: cases written by hand. */
import { executeStage, type Files } from "@seqloom/core";
import { loadTokenizer, readTokenizer } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { folderWith } from "../data/support.js";
import { testContext } from "../support/context.js";
import { diagnosticOf } from "./support.js";

const added = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** As GPT-2's, with six merges. */
const GPT2 = {
  version: "1.0",
  added_tokens: [added(12, "<|endoftext|>")],
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
  post_processor: { type: "ByteLevel", add_prefix_space: true, trim_offsets: false },
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true },
  model: {
    type: "BPE",
    dropout: null,
    vocab: Object.fromEntries(
      ["l", "o", "w", "e", "r", "Ġ", "lo", "low", "Ġlow", "er", "Ã", "©"].map((token, id) => [token, id]),
    ),
    merges: ["l o", "lo w", "Ġ low", ["e", "r"]],
  },
};

/** As BERT's. */
const BERT = {
  version: "1.0",
  added_tokens: [added(0, "[UNK]"), added(1, "[CLS]"), added(2, "[SEP]")],
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "[CLS]": { id: "[CLS]", ids: [1], tokens: ["[CLS]"] },
      "[SEP]": { id: "[SEP]", ids: [2], tokens: ["[SEP]"] },
    },
  },
  decoder: { type: "WordPiece", prefix: "##", cleanup: false },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(
      ["[UNK]", "[CLS]", "[SEP]", "play", "##ing", "##ed", "cafe", "!"].map((token, id) => [token, id]),
    ),
  },
};

describe("tokenizer.json", () => {
  it("is read as GPT-2's: bytes, merges in their order, spaces with the word after them", async () => {
    const { encode, decode, tokens } = await readTokenizer(JSON.stringify(GPT2), "gpt2.json");
    const spelled = (text: string) => encode(text).map((id) => tokens[id]);
    expect(spelled("low lower")).toEqual(["low", "Ġlow", "er"]);
    expect(spelled("lo we")).toEqual(["lo", "Ġ", "w", "e"]);
    expect(spelled("é<|endoftext|>low")).toEqual(["Ã", "©", "<|endoftext|>", "low"]);
    expect(decode([10, 11, 8, 9, 12])).toBe("é lower<|endoftext|>");
    // Bytes that are no tokens are left out, and half a character is none.
    expect(spelled("lo!z")).toEqual(["lo"]);
    expect(decode([10])).toBe("\ufffd");
  });

  it("is read as BERT's: lower case, no accents, WordPiece, and a template where it is asked for", async () => {
    const plain = await readTokenizer(JSON.stringify(BERT), "bert.json");
    expect(plain.encode("Playing CAFÉ played!").map((id) => plain.tokens[id])).toEqual([
      "play",
      "##ing",
      "cafe",
      "play",
      "##ed",
      "!",
    ]);
    expect(plain.encode("plays")).toEqual([0]);
    expect(plain.decode([3, 4, 6])).toBe("playing cafe");
    expect(plain.decode([])).toBe("");
    const framed = await readTokenizer(JSON.stringify(BERT), "bert.json", true);
    expect(framed.encode("play")).toEqual([1, 3, 2]);
  });

  it("is loaded from a file, whose faults are told", async () => {
    const folder = folderWith({ "tokenizer.json": JSON.stringify(GPT2) });
    const file = { path: `${folder}/tokenizer.json`, name: "tokenizer.json", digest: "" };
    const out = await executeStage(
      loadTokenizer,
      {},
      { file: "tokenizer.json" },
      testContext({ files: { file: [file] } }),
    );
    const [{ name, bytes }] = out.tokenizer as Files;
    expect([name, new TextDecoder().decode(bytes)]).toEqual(["tokenizer.json", JSON.stringify(GPT2)]);
    expect(loadTokenizer.files?.({ file: "a.json" })).toEqual({ file: [{ path: "a.json" }] });
  });

  it.each([
    ["{", "tokenizer-json"],
    ["null", "tokenizer-json"],
    ['{"model":{"type":"BPE"}}', "tokenizer-json"],
    [JSON.stringify({ ...BERT, normalizer: { type: "Telepathy" } }), "tokenizer-unsupported"],
  ])("that is wrong is refused: %s", async (json, code) => {
    expect(await diagnosticOf(readTokenizer(json, "x.json"))).toMatchObject({ code });
  });
});
