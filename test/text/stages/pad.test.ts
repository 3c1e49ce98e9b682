import { Dataset, executeStage, ids } from "@seqloom/core";
import { pad } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf } from "../../support/rows.js";
import { diagnosticOf, rowsOf } from "../support.js";

describeStage(pad);

const rowsOfIds = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }), { minLength: 1 });
const side = fc.constantFrom("pre" as const, "post" as const);

describe("text/pad", () => {
  it("keeps the ids at the end that is not cut, in order, and fills the rest", async () => {
    await fc.assert(
      fc.asyncProperty(rowsOfIds, side, side, fc.integer({ min: 1, max: 10 }), async (rows, at, truncate, length) => {
        const padded = await rowsOf(
          pad,
          rows.map((row) => ({ ids: row })),
          { length, side: at, truncate },
        );
        expect(padded).toEqual(
          rows.map((row) => {
            const kept = row.length <= length ? row : truncate === "pre" ? row.slice(-length) : row.slice(0, length);
            const fill = Array.from({ length: length - kept.length }, () => 0);
            return { ids: at === "pre" ? [...fill, ...kept] : [...kept, ...fill], length: kept.length };
          }),
        );
      }),
    );
  });

  it("hands the size of the vocabulary and the id that fills on", async () => {
    const outputs = await executeStage(
      pad,
      { data: datasetOf([{ ids: [7] }]) },
      pad.params.parse({ length: 2, value: 3 }),
      testContext(),
    );
    const column = (outputs.data as Dataset<{ ids: "padded" }>).column("ids");
    expect(column).toEqual({ type: "padded", values: Int32Array.of(3, 7), width: 2, size: 8, pad: 3 });
  });

  it("hands on of which vocabulary the ids are", async () => {
    const data = Dataset.of({ ids: ids([[1], [2]], 3, "0123456789abcdef") });
    const outputs = await executeStage(pad, { data }, pad.params.parse({ length: 2 }), testContext());
    expect((outputs.data as Dataset).columns.get("ids")).toHaveProperty("vocabulary", "0123456789abcdef");
  });

  it("refuses an id to fill with that the vocabulary does not have", async () => {
    expect(await diagnosticOf(rowsOf(pad, [{ ids: [1, 2] }], { length: 2, value: 3 }))).toMatchObject({
      code: "pad-value",
      message: "the pad value 3 is no id: the vocabulary has 3, from 0 to 2",
    });
  });
});
