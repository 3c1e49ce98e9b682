import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnyStage, type Dataset, executeStage } from "@seqloom/core";
import { loadSgml } from "@seqloom/data";
import { afterAll, describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf } from "../../text/support.js";

const folder = await mkdtemp(join(tmpdir(), "seqloom-sgml-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const NEWS = `<!DOCTYPE lewis SYSTEM "lewis.dtd">
<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN"><TOPICS><D>grain</D><D>wheat</D><D>grain</D></TOPICS>
<TEXT>&#2;<TITLE>CROPS &amp; PRICES</TITLE><BODY>More wheat, &lt;CO> said.</BODY></TEXT></REUTERS>
<REUTERS TOPICS="YES" LEWISSPLIT="TEST"><TOPICS></TOPICS><TEXT><TITLE>Brief</TITLE></TEXT></REUTERS>
<REUTERS TOPICS="NO" LEWISSPLIT="TEST"><TEXT><BODY>not this</BODY></TEXT></REUTERS>
<reuters topics="YES" lewissplit="NOT-USED"><BODY>nor this</BODY></reuters>
`;
const NAMES = { TRAIN: "train", TEST: "test" };
const FORM = { files: "news.sgm", record: "REUTERS", text: ["title", "body"] };

async function load(content: string, params: object = {}): Promise<Dataset> {
  const path = join(folder, "news.sgm");
  writeFileSync(path, content);
  const files = { files: [{ path, name: "news.sgm", digest: "" }] };
  const parsed = loadSgml.params.parse({ ...FORM, ...params });
  return (await executeStage(loadSgml as AnyStage, {}, parsed, testContext({ files }))).data as Dataset;
}

describe("data/load-sgml", () => {
  it("reads the text, the labels and the split of each record that is wanted", async () => {
    const params = {
      labels: "topics/d",
      split: { attribute: "LEWISSPLIT", names: NAMES },
      where: { TOPICS: "YES" },
    };
    expect(rowsOfDataset(await load(NEWS, params))).toEqual([
      { text: "CROPS & PRICES\n\nMore wheat, <CO> said.", labels: ["grain", "wheat"], split: "train" },
      { text: "Brief", labels: [], split: "test" },
    ]);
    expect((await load(NEWS, { ...params, unlabelled: "drop" })).rows).toBe(1);
  });

  it("takes every record where nothing is asked for", async () => {
    expect(rowsOfDataset(await load(NEWS, { text: ["body"] })).map(({ text }) => text)).toEqual([
      "More wheat, <CO> said.",
      "",
      "not this",
      "nor this",
    ]);
  });

  it("expands no entity of the document, however large it would become", async () => {
    const bomb = `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><reuters><body>&b;</body></reuters>`;
    expect(rowsOfDataset(await load(bomb))).toEqual([{ text: "&b;" }]);
  });

  it("names the line of a record without an end", async () => {
    const at = { file: "news.sgm", line: 2, column: 1 };
    expect(await diagnosticOf(load("\n<reuters><body>cut off"))).toMatchObject({ code: "sgml-unclosed", at });
    const twice = load("<reuters><body>a</body>\n<reuters></reuters>");
    const hint = "The one of line 1 has no end: close it with </reuters>.";
    expect(await diagnosticOf(twice)).toMatchObject({ code: "sgml-nested", at, hint });
  });

  it("tells why there is no row", async () => {
    const message = "there is no <story> in the files";
    expect(await diagnosticOf(load(NEWS, { record: "story" }))).toMatchObject({ code: "no-rows", message });
    const none = load(NEWS, { where: { topics: "MAYBE" } });
    expect(await diagnosticOf(none)).toMatchObject({ message: "none of 4 <reuters> is taken" });
    const both = { ...FORM, files: { train: "a.sgm" }, split: { attribute: "lewissplit", names: NAMES } };
    expect(loadSgml.check?.(loadSgml.params.parse(both))).toHaveLength(1);
  });
});
