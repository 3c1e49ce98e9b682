import { Dataset, executeStage, type Files, type IdsColumn, labels, type TokensColumn, utf8 } from "@seqloom/core";
import { decodeSubwords, readTokenizer, subwords, subwordsWith } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { diagnosticOf, wordsOf } from "../support.js";

const TEXTS = [
  "The quick brown fox jumps over the lazy dog, the quick one.",
  "A slow dog, and a slower fox: the slowest of all.",
  "naïve café – “déjà vu”, 12 dogs and 345 foxes!",
  "日本語のテキスト、日本語の犬。",
];

describeStage(subwords);
describeStage(subwords, { with: { algorithm: "unigram", size: 300 }, rows: TEXTS.map((text) => ({ text })) });

async function fit(params: object, texts: readonly string[] = TEXTS) {
  const data = Dataset.of({ text: utf8(texts) });
  const out = await executeStage(subwords, { data }, subwords.params.parse(params), testContext());
  return { data: out.data as Dataset, files: out.state as Files };
}

const jsonOf = (files: Files): string => new TextDecoder().decode(files[0].bytes);

/** The same tokenizer by Hugging Face's own library: it is used where a file asks for a template. */
function byLibrary(json: string) {
  const single = [{ Sequence: { id: "A", type_id: 0 } }];
  const post_processor = { type: "TemplateProcessing", single, pair: [], special_tokens: {} };
  return readTokenizer(JSON.stringify({ ...JSON.parse(json), post_processor }), "tokenizer.json", true);
}

describe.each(["bpe", "unigram"])("text/subwords, %s", (algorithm) => {
  const params = { algorithm, size: algorithm === "bpe" ? 340 : 420, specials: ["<s>", "</s>"] };

  it("gives every text back as it was, whatever it was trained on", async () => {
    const tokenizer = await readTokenizer(jsonOf((await fit(params)).files), "tokenizer.json");
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom("the", " ", "dog", "\n", "é", "日", "ſ"),
        fc.string({ unit: "grapheme", maxLength: 3 }),
      ),
    });
    fc.assert(
      fc.property(text, (one) => {
        // In unigram models ▁ is a space.
        const wanted = algorithm === "bpe" ? one : one.replaceAll("▁", " ");
        expect(tokenizer.decode(tokenizer.encode(one))).toBe(wanted);
      }),
    );
    for (const one of ["", " ", "  leading", "trailing  ", "a\t\r\n\n b", "<s>the dog</s>", "<s", "\ufefffox"]) {
      expect(tokenizer.decode(tokenizer.encode(one))).toBe(one);
    }
  });

  it("cuts text as Hugging Face's library does by the same file", async () => {
    const json = jsonOf((await fit(params)).files);
    const [own, library] = [await readTokenizer(json, "tokenizer.json"), await byLibrary(json)];
    // Characters that were not seen are for the library unknown, in unigram models.
    const seen = [...new Set(TEXTS.join(""))].filter((character) => character !== "▁");
    const part = fc.constantFrom(...seen, " the", "dog", "  ", "<s>", "er", "1", "slow");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join("");
        expect(own.encode(text)).toEqual(library.encode(text));
      }),
    );
    expect(own.tokens).toEqual(library.tokens);
  });

  it("learns the same whatever the order of the rows", async () => {
    const one = jsonOf((await fit(params)).files);
    expect(jsonOf((await fit(params, TEXTS.toReversed())).files)).toBe(one);
  });

  it("keeps to its size, gives pad the id 0, and learns from train rows alone", async () => {
    const data = Dataset.of({
      text: utf8([...TEXTS, "zzz zzz zzz zzz"]),
      split: labels([...TEXTS.map(() => "train"), "test"]),
    });
    const out = await executeStage(subwords, { data }, subwords.params.parse(params), testContext());
    const tokenizer = await readTokenizer(jsonOf(out.state as Files), "tokenizer.json");
    expect(tokenizer.tokens.length).toBeLessThanOrEqual(params.size);
    expect(tokenizer.tokens.length).toBeGreaterThan(280);
    expect(tokenizer.tokens.slice(0, algorithm === "bpe" ? 1 : 2)).toEqual(
      ["<pad>", "<unk>"].slice(0, algorithm === "bpe" ? 1 : 2),
    );
    expect(tokenizer.tokens.some((token) => token.includes("zz"))).toBe(false);
    const [tokens, ids] = [
      (out.data as Dataset).column("tokens") as TokensColumn,
      (out.data as Dataset).column("ids") as IdsColumn,
    ];
    expect(Array.from(ids.values, (id) => tokenizer.tokens[id])).toEqual(wordsOf(tokens).flat());
    expect(ids.size).toBe(tokenizer.tokens.length);
  });

  it("takes a text that is one word of a million characters", async () => {
    const tokenizer = await readTokenizer(jsonOf((await fit(params)).files), "tokenizer.json");
    const long = "dogfox😂".repeat(125_000);
    expect(tokenizer.decode(tokenizer.encode(long)) === long).toBe(true);
    expect(jsonOf((await fit(params, [long])).files).length).toBeGreaterThan(1000);
  });
});

describe("text/subwords", () => {
  it("cuts other data by what it learned, and puts ids together again", async () => {
    const { files } = await fit({ size: 300 });
    const data = Dataset.of({ text: utf8(["the slow fox", "", "  日 "]) });
    const cut = await executeStage(subwordsWith, { tokenizer: files, data }, { template: false }, testContext());
    const joined = await executeStage(
      decodeSubwords,
      { tokenizer: files, data: (cut.data as Dataset).without("text") },
      decodeSubwords.params.parse({}),
      testContext(),
    );
    expect((joined.data as Dataset).column("text")).toMatchObject({ values: ["the slow fox", "", "  日 "] });
  });

  it("says when there is nothing to learn from, or no room", async () => {
    expect(await diagnosticOf(fit({}, ["", ""]))).toMatchObject({ code: "empty-vocabulary" });
    const specials = ["<a>", "<b>", "<c>", "<d>", "<e>"];
    expect(await diagnosticOf(fit({ size: 260, specials }))).toMatchObject({
      code: "vocabulary-size",
      message: "size 260 has no room for 256 bytes and 6 special tokens",
    });
    const twice = subwords.params.parse({ specials: ["<pad>"] });
    expect(subwords.check?.(twice)).toMatchObject([{ message: "a special token is named twice" }]);
  });
});
