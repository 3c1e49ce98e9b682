import type { Dataset, LabelColumn, SeriesColumn } from "@seqloom/core";
import { loadParquet } from "@seqloom/data";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, load, problemsOf } from "../support.js";

const COLUMNS: ColumnSource[] = [
  { name: "review", data: ["dull", "naïve 😂", "a\nb", ""], type: "STRING" },
  { name: "stars", data: [1n, 5n, 4n, 1n], type: "INT64" },
  { name: "score", data: [0.5, 1, null, -2], type: "DOUBLE" },
  { name: "when", data: [0, 1, 2, 3].map((day) => new Date(day * 86_400_000)), type: "TIMESTAMP" },
  { name: "meta", data: [{ by: "ann" }, { by: "bob" }, { by: "ann" }, { by: "eve" }], type: "JSON" },
  { name: "curve", data: [[1, 2], [3], [4, 5, 6], []], type: "JSON" },
];

const parquet = (rowGroupSize = 3): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData: COLUMNS, rowGroupSize }));
const read = (params: object, content = parquet()): Promise<Dataset> =>
  load(loadParquet, { "data.parquet": content }, { files: "data.parquet", ...params });

describe("data/load-parquet", () => {
  it("reads columns of every kind, over several groups of rows", async () => {
    const columns = {
      text: "review",
      label: { from: "stars", as: "label", names: { "1": "bad" } },
      score: { from: "score", as: "number" },
      when: "when",
      by: "meta.by",
      series: "curve",
    };
    const data = await read({ columns });
    expect(rowsOfDataset(data, ["text", "label", "when", "by"])).toEqual([
      { text: "dull", label: "bad", when: "1970-01-01T00:00:00.000Z", by: "ann" },
      { text: "naïve 😂", label: "5", when: "1970-01-02T00:00:00.000Z", by: "bob" },
      { text: "a\nb", label: "4", when: "1970-01-03T00:00:00.000Z", by: "ann" },
      { text: "", label: "bad", when: "1970-01-04T00:00:00.000Z", by: "eve" },
    ]);
    expect([...(data.columns.get("score") as unknown as { values: Float64Array }).values]).toEqual([
      0.5,
      1,
      Number.NaN,
      -2,
    ]);
    expect([...(data.columns.get("series") as SeriesColumn).offsets]).toEqual([0, 2, 3, 6, 6]);
  });

  it("gives the same rows whatever the groups, and no more than asked for", async () => {
    const columns = { text: "review" };
    const all = rowsOfDataset(await read({ columns }, parquet(1)));
    expect(all).toEqual(rowsOfDataset(await read({ columns }, parquet(100))));
    expect(rowsOfDataset(await read({ columns, limit: 2 }, parquet(1)))).toEqual(all.slice(0, 2));
  });

  it("names the splits by files", async () => {
    const params = { files: { train: "a.parquet", test: "b.parquet" }, columns: { text: "review" }, limit: 1 };
    const data = await load(loadParquet, { "a.parquet": parquet(), "b.parquet": parquet() }, params);
    const { dictionary, indices } = data.columns.get("split") as LabelColumn;
    expect(Array.from(indices, (index) => dictionary[index])).toEqual(["train", "test"]);
    expect(problemsOf(loadParquet, { ...params, columns: { split: "stars" } })).toHaveLength(1);
  });

  it.each([
    [
      "a field that is not there",
      { text: "reviews" },
      "json-field-missing",
      /row 1 of "data.parquet": there is no field "reviews"/,
    ],
    [
      "a value of another type",
      { text: "review", n: { from: "review", as: "number" } },
      "json-type",
      /row 1 .* expected a number/,
    ],
  ])("tells of %s", async (_, columns, code, message) => {
    expect(await diagnosticOf(read({ columns }))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("tells of files that are none, or cut", async () => {
    const columns = { text: "review" };
    for (const content of [new TextEncoder().encode("review\ndull\n"), parquet().subarray(0, 200), new Uint8Array(3)]) {
      expect(await diagnosticOf(read({ columns }, content))).toMatchObject({ code: "file-parquet" });
    }
    const empty = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "review", data: [], type: "STRING" }] }));
    expect(await diagnosticOf(read({ columns }, empty))).toMatchObject({ code: "no-rows" });
  });
});
