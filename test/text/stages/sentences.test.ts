import { sentences } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { lines, mirror, outOf } from "../support.js";

describeStage(sentences);

const split = (text: string, params = {}) => outOf(sentences, text, params) as Promise<string[]>;

describe("text/sentences", () => {
  it.each([
    ["en", "He left.|She (Mrs. Jones) did not.|No. 5 is alive."],
    ["en", "It cost 3.14 or .5 euros.|See example.com, e.g. Fig. 3, p. 4 of Smith et al. 2019.|End."],
    ["en", 'She said: "No way!" and ran.|"Really?" he asked.|(It was so.)|Yes.'],
    ["en", "We met at 5 p.m. on Monday.|It was 5 p.m.|The sun set."],
    ["en", "Plan B.|The J. R. R. Tolkien of Inc. magazine.|Made by Acme Inc.|The end."],
    ["en", "Wait... what is that?|Wait...|That is it?!|no idea!|so it goes."],
    ["en", "1. First things.|2. Then others."],
    ["de", "Er kam am 3. Oktober um 8 Uhr.|Das war z. B. gut, d.h. bzw. usw. vorhanden.|Prof. Dr. Maier sprach.|Gut."],
    ["fr", "M. Dupont et Mme. Durand sont là.|« C'est vrai ? » dit-il.|Oui, cf. art. 3."],
    ["es", "¿Qué dice el Sr. López?|¡Nada!|Vive en EE.UU. desde 1990."],
    ["zh", "你好。|“再见！”|他走了。"],
    ["hi", "यह एक वाक्य है।|यह दूसरा है।"],
    ["ar", "كيف حالك؟|أنا بخير."],
    ["xx", "Unknown language.|Dr. No. is here? Yes!|x"],
  ])("%s: %s", async (language, joined) => {
    const parts = joined.split("|");
    const glue = language === "zh" ? "" : " ";
    const expected = language === "xx" ? ["Unknown language.", "Dr. No. is here?", "Yes!", "x"] : parts;
    expect(await split(parts.join(glue), { language })).toEqual(expected);
  });

  it("ends sentences at empty lines, and at each line where that is asked for", async () => {
    const text = "A heading\n\nSome text\nthat goes on\r\n \r\nLast";
    expect(await split(text)).toEqual(["A heading", "Some text\nthat goes on", "Last"]);
    expect(await split(text, { lines: "split" })).toEqual(["A heading", "Some text", "that goes on", "Last"]);
  });

  it("takes more abbreviations", async () => {
    expect(await split("Seen by Kmdr. Fisher.")).toHaveLength(2);
    expect(await split("Seen by Kmdr. Fisher.", { abbreviations: ["Kmdr"] })).toHaveLength(1);
  });

  it("loses nothing but white space, and the sentences of a text are in it in order", async () => {
    const pieces = fc.constantFrom("Dr", ".", " ", "\n", "a", "B", "!?", "”", "3", "。", "e.g", "…", "😂");
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), async (parts) => {
        const text = parts.join("");
        const found = await split(text);
        expect(found.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
        expect(found.every((one) => one === one.trim() && one !== "" && text.includes(one))).toBe(true);
      }),
    );
  });

  it("takes time linear in the text, however many marks stand in a row", async () => {
    // In quadratic time each of these would take minutes.
    expect(await split(`${".".repeat(400_000)}x`)).toHaveLength(1);
    expect(await split(`${"”".repeat(400_000)} x`)).toHaveLength(1);
    expect(await split("\n ".repeat(200_000))).toHaveLength(0);
    expect(await split("a. ".repeat(200_000))).toHaveLength(1);
  });

  it.skipIf(mirror === null)("finds nine of ten sentences of a treebank of edited text", async () => {
    // The sentences of each document of the treebank joined by spaces; lists and headings without an end are not counted.
    const comments = lines("pos-tagging/ud-english-ewt/en_ewt-ud-dev.conllu").filter((line) => line.startsWith("# "));
    const documents: string[][] = [];
    for (const line of comments) {
      if (line.startsWith("# newdoc")) documents.push([]);
      if (line.startsWith("# text = ")) documents.at(-1)?.push(line.slice(9));
    }
    const whole = documents.filter((all) => all.every((one) => /^\p{Lu}.*[.!?]$/u.test(one)));
    let [right, wanted, found] = [0, 0, 0];
    for (const all of whole) {
      const got = new Set(await split(all.join(" ")));
      wanted += all.length;
      found += got.size;
      right += all.filter((one) => got.has(one)).length;
    }
    console.log(`sentences: ${right} right of ${wanted}, ${found} found in ${whole.length} documents`);
    expect((2 * right) / (wanted + found)).toBeGreaterThan(0.9);
  });
});
