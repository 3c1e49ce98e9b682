import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { normaliser } from "../normalise.js";
import { forRows } from "../rows.js";

const treatment = z.union([
  z.enum(["keep", "strip"]),
  z.strictObject({ replace: z.string().describe("The token that takes its place") }),
]);

/**
 * Brings text to a common form. The steps, in this order: Unicode form, case, URLs, mentions, hashtags and numbers (what
 * a token replaced is left alone after that), accents, repeated letters, punctuation, spaces. Nothing depends on a locale.
 */
export const normalise = defineMap({
  id: "text/normalise",
  version: 1,
  description:
    "Brings text to a common form: case, accents, punctuation, numbers, URLs, mentions, repeated letters, spaces.",
  usesUnicodeTables: true,
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({
    unicode: z
      .enum(["nfc", "nfkc", "keep"])
      .default("nfc")
      .describe("Unicode normalisation: nfc composes letters and marks, nfkc also undoes ligatures and wide forms"),
    case: z.enum(["lower", "keep"]).default("lower").describe("Lower case, by Unicode's rules and no locale's"),
    urls: treatment.default("keep").describe("URLs with http://, https:// or www.: keep, strip, or { replace: token }"),
    mentions: treatment.default("keep").describe("@names: keep, strip, or { replace: token }"),
    hashtags: treatment.default("keep").describe("#topics: keep, strip, or { replace: token }"),
    numbers: treatment
      .default("keep")
      .describe("Numbers that stand alone, not those inside words such as b2b: keep, strip, or { replace: token }"),
    accents: z.enum(["keep", "strip"]).default("keep").describe("strip takes the marks off letters: é becomes e"),
    repeated_letters: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('Most times that a letter may be repeated: 2 makes "ooooh" "ooh"; null leaves all'),
    punctuation: z
      .enum(["keep", "strip"])
      .default("keep")
      .describe("strip puts a space in its place; an apostrophe inside a word leaves none; emoji stay"),
    spaces: z
      .enum(["collapse", "keep"])
      .default("collapse")
      .describe("collapse makes any white space one space, and none at the ends"),
  }),
  examples: [
    { in: [{ text: "  A great\tCast! " }], out: [{ text: "a great cast!" }] },
    {
      title: "a tweet",
      with: {
        urls: { replace: "<url>" },
        mentions: { replace: "<user>" },
        hashtags: "keep",
        numbers: { replace: "<number>" },
        repeated_letters: 2,
        punctuation: "strip",
      },
      in: [{ text: "@Ann_1 sooooo GOOD!!! I don't mind 3.50 #win 😂 https://t.co/Ab1?x=2." }],
      out: [{ text: "<user> soo good i dont mind <number> win 😂 <url>" }],
    },
    {
      title: "accents",
      with: { accents: "strip", case: "keep" },
      in: [{ text: "São Tomé – naïve" }],
      out: [{ text: "Sao Tome – naive" }],
    },
  ],
  apply: (batch, params, context) => {
    const change = normaliser(params);
    return batch.with({ text: { type: "utf8", values: forRows(batch.column("text").values, change, context) } });
  },
});
