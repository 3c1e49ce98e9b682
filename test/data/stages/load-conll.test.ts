import { loadConll } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, type Files, filesOf, load, problemsOf } from "../support.js";

const COLUMNS = "-DOCSTART- -X- O\n\nU.N. NNP B-ORG\nofficial NN O\n\n\nEkeus NNP B-PER\r\n. . O";
const CONLLU = `# text = It's new.
1-2\tIt's\t_\t_\t_\t_\t_\t_\t_\t_
1\tIt\tit\tPRON\tPRP\t_\t3\tnsubj\t_\t_
2\t's\tbe\tAUX\tVBZ\t_\t3\tcop\t_\t_
2.1\tghost\t_\t_\t_\t_\t_\t_\t_\t_
3\tnew york\tnew\t_\tJJ\t_\t0\troot\t_\t_

`;
const given = { files: { train: "a.conll", test: "b.conll" } };
const FILES = { "a.conll": COLUMNS, "b.conll": "Oslo NNP B-LOC\n" };
const { found } = await filesOf(loadConll, FILES, given);
describeStage(loadConll, { with: given, context: { files: found }, skip: ["examples"] });

const rows = async (content: string, params: Record<string, unknown> = {}) =>
  rowsOfDataset(await load(loadConll, { "a.conll": content } as Files, { files: "a.conll", ...params }));

describe("load-conll", () => {
  it("takes the first column for the token and the last for its tag, by split", async () => {
    expect(rowsOfDataset(await load(loadConll, FILES, given))).toEqual([
      { tokens: ["U.N.", "official"], tags: ["B-ORG", "O"], split: "train" },
      { tokens: ["Ekeus", "."], tags: ["B-PER", "O"], split: "train" },
      { tokens: ["Oslo"], tags: ["B-LOC"], split: "test" },
    ]);
    expect((await rows(COLUMNS, { tags: 2, limit: 1 }))[0]).toEqual({
      tokens: ["U.N.", "official"],
      tags: ["NNP", "NN"],
    });
    expect(await rows("a\tX Y\tB\n", { separator: "tab", token: 2 })).toEqual([{ tokens: ["X Y"], tags: ["B"] }]);
  });

  it("reads CoNLL-U: words, not their contractions or empty nodes; _ is no tag", async () => {
    expect(await rows(CONLLU, { format: "conllu" })).toEqual([
      { tokens: ["It", "'s", "new york"], tags: ["PRON", "AUX", null] },
    ]);
    expect(await rows(CONLLU, { format: "conllu", token: "lemma", tags: "deprel" })).toEqual([
      { tokens: ["it", "be", "new"], tags: ["nsubj", "cop", "root"] },
    ]);
  });

  it("gives no rows of an empty file", async () => {
    expect(await rows("\n\n")).toEqual([]);
  });

  it("says which line has too few columns", async () => {
    const problem = await diagnosticOf(load(loadConll, { "a.conll": "a O\n\nalone\n" }, { files: "a.conll" }));
    expect(problem.code).toBe("conll-columns");
    expect(problem.message).toBe("line 3 of a.conll has 1 column, 2 are wanted");
    expect(problem.at).toEqual({ file: "a.conll", line: 3, column: 1 });
    const wide = await diagnosticOf(load(loadConll, { "a.conll": "a O\n" }, { files: "a.conll", tags: 4 }));
    expect(wide.message).toContain("has 2 columns, 4 are wanted");
  });

  it("knows names of columns in CoNLL-U only", () => {
    expect(problemsOf(loadConll, { files: "a", tags: "upos" })).toEqual([
      'tags: "upos" is a column of CoNLL-U, and the format is columns',
    ]);
  });
});
