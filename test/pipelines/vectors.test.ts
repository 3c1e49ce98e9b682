/** @file Vectors of documents and of words: the sources' tables and figures. Skipped where the data are not there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dataset, SparseColumn, Utf8Column } from "@seqloom/core";
import { openStore, openStored } from "@seqloom/core/engine";
import { afterAll, describe, expect, it } from "vitest";
import { loadFile, mirror, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

describe.skipIf(mirror === null)("on real data (needs SEQLOOM_MIRROR)", () => {
  it("salammbo-svd: counts the letters of all chapters as the table prints them, and the map keeps the languages apart", async () => {
    const file = "pipelines/salammbo-svd.yaml";
    const set = { "params.folder": join(mirror!, "charcounts/salammbo/text") };
    const record = await runFile(file, home, set);
    const data = (await (
      await openStored(await loadFile(file, home, set), openStore(home), ["letters"])
    ).read("letters", "data")) as Dataset;
    const counts = rowsOf(data);
    const table = readFileSync(new URL("fixtures/salammbo-letters.tsv", import.meta.url), "utf8")
      .trim()
      .split("\n");
    const [, ...letters] = table[0].split("\t");
    expect(table).toHaveLength(31);
    for (const line of table.slice(1)) {
      const [name, ...wanted] = line.split("\t");
      expect(letters.map((letter) => counts.get(name)?.[letter] ?? 0)).toEqual(wanted.map(Number));
    }
    for (const map of ["singular-map", "principal-map"]) {
      expect(stageOf(record, map).metrics).toEqual({ rows: 30, neighbour_accuracy: 1 });
    }
  }, 120_000);
});

/** Counts of letters by `01_fr`. */
function rowsOf(data: Dataset): Map<string, Readonly<Record<string, number>>> {
  const { values, columns, offsets, names } = data.column("features") as SparseColumn;
  const chapter = (row: number): string => {
    const [, english, number] = /salammbo_(en_)?ch(\d+)/.exec((data.column("id") as Utf8Column).values[row])!;
    return `${number}_${english === undefined ? "fr" : "en"}`;
  };
  return new Map(
    Array.from({ length: data.rows }, (_, row) => [
      chapter(row),
      Object.fromEntries(
        Array.from(columns.subarray(offsets[row], offsets[row + 1]), (place, i) => [
          names![place],
          values[offsets[row] + i],
        ]),
      ),
    ]),
  );
}
