import type { Dataset, LabelColumn, SeriesColumn, TokensColumn, Utf8Column } from "@seqloom/core";
import { loadCsv, loadFolders, loadLines } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { load, mirror } from "./support.js";

const splitCounts = (data: Dataset) =>
  ["train", "validation", "test"].map((split) => data.rowsOfSplit(split as "train").length);
const classes = (data: Dataset) => {
  const { dictionary, indices } = data.columns.get("label") as LabelColumn;
  return Object.fromEntries(dictionary.map((name, index) => [name, indices.filter((one) => one === index).length]));
};

/** These need the real data sets: SEQLOOM_MIRROR, or shared/data beside the repository. */
describe.skipIf(mirror === undefined)("the real data", () => {
  const from = (params: Record<string, unknown>, stage: unknown = loadCsv) => load(stage, mirror!, params);

  it("movie reviews: 6,920 and 1,821 rows of 55 tokens, 4,823 words in train with PAD and OOV, PAD at the end", async () => {
    const name = (split: string) => `sentiment-movies/sst-btai/sst_movie_reviews_processed_${split}.csv.gz`;
    const files = { train: name("train"), test: name("test") };
    const data = await from({ files, columns: { label: "class", tokens: "0…54" } });
    expect(splitCounts(data)).toEqual([6920, 0, 1821]);
    const { dictionary, indices, offsets } = data.columns.get("tokens") as TokensColumn;
    expect(offsets[data.rows]).toBe(data.rows * 55);
    expect(new Set(indices.subarray(0, 6920 * 55)).size).toBe(4823);
    expect(dictionary).toEqual(expect.arrayContaining(["PAD", "OOV"]));
    const pad = dictionary.indexOf("PAD");
    for (let row = 0; row < data.rows; row++) {
      const words = indices.subarray(row * 55, row * 55 + 55);
      const first = words.indexOf(pad);
      if (first >= 0) expect(words.subarray(first).every((index) => index === pad)).toBe(true);
      expect(first).not.toBe(0);
    }
    const unpadded = await from({ files, columns: { tokens: { from: "0..54", pad: "PAD" } } });
    const trimmed = unpadded.columns.get("tokens") as TokensColumn;
    expect(trimmed.dictionary).not.toContain("PAD");
    expect(trimmed.indices.length).toBe(indices.filter((index) => index !== pad).length);
  });

  it("shapes: 1,200 and 300 curves of 55 points, 3 classes of one size", async () => {
    const name = (split: string) => `timeseries-classification/shapes-btai/shape_classification_${split}.csv`;
    const data = await from({
      files: { train: name("train"), test: name("test") },
      columns: { label: "class", series: "0..54", vector: "0..54" },
    });
    expect(splitCounts(data)).toEqual([1200, 0, 300]);
    expect(classes(data.ofSplit("train"))).toEqual({ square: 400, triangle: 400, ellipse: 400 });
    const { offsets, width, values } = data.columns.get("series") as SeriesColumn;
    expect([offsets[1], width, values.length]).toEqual([55, 1, 1500 * 55]);
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
  });

  it("IMDb: a review to a file, split and label from the folders", async () => {
    const params = { folder: "sentiment-movies/imdb-aclimdb-subset", levels: ["split", "label"] };
    const data = await from(params, loadFolders);
    expect(splitCounts(data)).toEqual([1000, 0, 500]);
    expect(classes(data.ofSplit("test"))).toEqual({ neg: 250, pos: 250 });
    expect((data.columns.get("id") as Utf8Column).values[0]).toBe("test/neg/0_2.txt");
    expect((data.columns.get("text") as Utf8Column).values[0].length).toBeGreaterThan(100);
  });

  it("Sentiment140: a CSV without a header", async () => {
    const columns = { label: { from: 0, names: { "0": "negative", "4": "positive" } }, id: 1, text: 5 };
    const files = "sentiment-tweets/sentiment140-sample/sentiment140.csv";
    const data = await from({ files, header: false, columns });
    expect(data.rows).toBe(10_001);
    expect(classes(data)).toEqual({ negative: 5005, positive: 4996 });
  });

  it("TweetEval: lines of text and lines of labels", async () => {
    const name = (part: string) => `sentiment-tweets/tweeteval-sentiment/${part}.txt`;
    const names = { "0": "negative", "1": "neutral", "2": "positive" };
    const data = await from(
      {
        files: { validation: name("val_text"), test: name("test_text") },
        labels: { validation: name("val_labels"), test: name("test_labels") },
        names,
      },
      loadLines,
    );
    expect(splitCounts(data)).toEqual([0, 2000, 12_284]);
    expect(Object.keys(classes(data)).sort()).toEqual(["negative", "neutral", "positive"]);
  });
});
