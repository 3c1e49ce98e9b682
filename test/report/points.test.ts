import type { Json, RunRecord } from "@seqloom/core";
import { renderReport } from "@seqloom/report";
import { describe, expect, it } from "vitest";
import { quickstart } from "./fixture.js";

/** The record, with a map instead of what an evaluation measured. */
function mapped(map: Json): RunRecord {
  const stages = quickstart.stages.map((stage) =>
    stage.name === "sequence-score"
      ? {
          ...stage,
          outputs: { metrics: { ...stage.outputs.metrics, preview: { values: { rows: 3 }, maps: { words: map } } } },
        }
      : stage,
  );
  return { ...quickstart, stages };
}

const MAP = {
  axes: ["axis 1", "axis 2"],
  x: [10, 0, 0],
  y: [0, 5, 5.001],
  classes: ["<fr>", "en"],
  class: [0, 1, -1],
  names: ["a & b", "two", "three"],
};

describe("a map of rows in the report", () => {
  it("has a mark for each point, by class, with names that are escaped and do not lie on one another", async () => {
    const page = await renderReport(mapped(MAP));
    const [figure] = /<figure class="map">.*?<\/figure>/s.exec(page) ?? [];
    expect(figure).toContain("words of sequence-score: 3 points");
    expect(figure?.match(/class="mark (c0|c1|none)"/g)).toEqual([
      'class="mark c0"',
      'class="mark c1"',
      'class="mark none"',
      // The legend.
      'class="mark c0"',
      'class="mark c1"',
    ]);
    expect(figure?.match(/class="beside"[^>]*>[^<]*/g)?.map((text) => text.replace(/.*>/, ""))).toEqual([
      "a &amp; b",
      "two",
    ]);
    expect(figure).toContain("<title>three</title>");
    expect(figure).not.toContain("<fr>");
  });

  it("is left out where there is no point", async () => {
    const page = await renderReport(mapped({ ...MAP, x: [], y: [], class: [], names: [] }));
    expect(page).not.toContain('<figure class="map">');
  });
});
