import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunRecord, StageResult } from "@seqloom/core";
import { renderReport, writeReport } from "@seqloom/report";
import { afterAll, describe, expect, it } from "vitest";
import { probabilities } from "../../packages/report/src/parts/cell.js";
import { quickstart } from "./fixture.js";
import { node, output, result } from "./parts.js";

const folder = mkdtempSync(join(tmpdir(), "seqloom-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withStages(stages: readonly StageResult[], more: Partial<RunRecord> = {}): RunRecord {
  return { ...quickstart, ...more, stages };
}

function perfect(stage: StageResult): StageResult {
  const values = { accuracy: 1, rows: 500 };
  const { metrics } = stage.outputs;
  return { ...stage, metrics: values, outputs: { metrics: { ...metrics, preview: { values } } } };
}

describe("the report of a run", () => {
  it("is the same bytes for the same record, however often it is drawn", async () => {
    expect(await renderReport(quickstart)).toBe(await renderReport(structuredClone(quickstart)));
  });

  it("refers to nothing outside itself", async () => {
    const page = await renderReport(quickstart);
    expect(page).not.toMatch(/<(script|link|iframe|img|object|embed)\b/);
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page.replace(/xmlns(:xlink)?="[^"]*"/g, "")).not.toMatch(/https?:/);
  });

  it("says what the cache saved", async () => {
    const page = await renderReport(quickstart);
    expect(page).toContain("6 from cache · 4 ran");
    expect(page).toMatch(/<dt>Time saved by the cache<\/dt><dd>889 ms<\/dd>/);
  });

  it("draws when each stage ran: hits, waits, what was resumed, failed and was stopped", async () => {
    const times = [
      { status: "hit", startMs: 0, ms: 2 },
      { status: "run", startMs: 1000, waitMs: 400, ms: 2000, peakRss: 250e6 },
      { status: "run", startMs: 3000, ms: 4000, resumed: "epoch 3" },
      { status: "failed", startMs: 7000, ms: 500 },
      { status: "skipped", startMs: 7000, ms: 1000 },
      { status: "skipped", ms: 0 },
    ] as const;
    const some = quickstart.stages.slice(0, times.length).map((stage, at) => ({ ...stage, ...times[at] }));
    const page = await renderReport({ ...withStages(some), seconds: 8 });
    const from = page.indexOf('<div class="times lanes">');
    const lanes = page.slice(from, page.indexOf('<ul class="legend">', from));
    const rects = [...lanes.matchAll(/<rect class="(\w+)" x="([\d.]+)%" y="[\d.]+" width="([\d.]+)%"/g)];
    expect(rects.map(([, kind, x, width]) => [kind, Number(x), Number(width)])).toEqual([
      ["hit", 0, 0.03],
      ["wait", 7.5, 5],
      ["run", 12.5, 25],
      ["resumed", 37.5, 50],
      ["failed", 87.5, 6.25],
      ["stopped", 87.5, 12.5],
    ]);
    expect(lanes).toContain("2.00 s · waited 400 ms · 250 MB");
    expect(page).toContain("resumed from a checkpoint</li>");
    expect(page).toContain("<h3>Saved by the cache</h3>");
  });

  it("draws how long stages took where an older record does not know when they ran", async () => {
    const page = await renderReport(quickstart);
    expect(page).not.toContain('class="lane"');
    expect(page).toContain("took in this run");
  });

  it("marks the better of two evaluations, by the direction of each measure", async () => {
    const page = await renderReport(quickstart);
    const row = (name: string) =>
      page.match(new RegExp(`<th scope="row">${name}</th>(.*?)</tr>`))?.[1].replace(/ data-label="[^"]*"/g, "");
    expect(row("accuracy")).toBe('<td class="n">0.5600</td><td class="n best">0.9860</td>');
    expect(row("loss")).toBe('<td class="n">0.6400</td><td class="n best">0.2140</td>');
    expect(row("rows")).toBe('<td class="n">500</td><td class="n">500</td>');
  });

  it("writes a perfect accuracy with the decimals of any other", async () => {
    const page = await renderReport(
      withStages(quickstart.stages.map((stage) => (stage.name === "bag-score" ? perfect(stage) : stage))),
    );
    expect(page).toContain('<p class="number">1.0000</p>');
  });

  it("draws lines over a common axis, marks points of them, and says all of it in words", async () => {
    const draw = (misses: number): Promise<string> => {
      const charts = {
        trade_off: {
          x: { title: "false alarms per hour", scale: "symlog" },
          y: { title: "missed events" },
          lines: [
            {
              name: "thresholds",
              points: [
                [360, 0],
                [12, 0.25],
                [0, misses],
              ],
            },
          ],
          marks: [{ name: "threshold <0.5>", at: [12, 0.25] }],
        },
      };
      const values = { detection_rate: 0.75 };
      return renderReport(
        withStages(
          quickstart.stages.map((stage) =>
            stage.name === "sequence-score"
              ? { ...stage, outputs: { metrics: { ...stage.outputs.metrics, preview: { values, charts } } } }
              : stage,
          ),
        ),
      );
    };
    const page = await draw(1);
    expect(page).toContain("<figcaption>trade off</figcaption>");
    expect(page).toContain("thresholds from 360, 0 to 0, 1; threshold &lt;0.5&gt; at 12, 0.25");
    expect(page).toContain('<span class="key ring"></span>threshold &lt;0.5&gt;');
    const lineOf = (html: string) =>
      /aria-label="missed events over[^"]*">.*?<path[^>]* d="(M[^"]*)"[^>]*stroke="var\(--validation\)"/s.exec(
        html,
      )?.[1];
    expect(lineOf(page)?.split(/[ML]/)).toHaveLength(4);
    expect(lineOf(await draw(0.5))).not.toBe(lineOf(page));
  });

  it("names the classes of probabilities in sample rows", async () => {
    const page = await renderReport(quickstart);
    expect(page).toContain(
      '<div class="probabilities"><span>negative <b>0.0312</b></span><span>positive <b>0.9688</b></span></div>',
    );
  });

  it("shows the most probable of many classes", () => {
    const classes = Array.from({ length: 10 }, (_, at) => `c${at}`);
    const shown = probabilities([0, 0.1, 0, 0.6, 0, 0, 0.3, 0, 0, 0], classes);
    expect(
      String(shown)
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " "),
    ).toBe(" c3 0.6000 c6 0.3000 c1 0.1000 + 7 classes ");
  });

  it("says why a stage ran", async () => {
    expect(await renderReport(quickstart)).toContain("<li>with.layers[1].lstm.units 16 → 32</li>");
  });

  it("shows long parameters as a tree, cut in the middle with the whole in a tooltip", async () => {
    const url = `https://example.org/${"folder/".repeat(9)}data.csv`;
    const nodes = quickstart.pipeline.nodes.map((one) =>
      one.name === "reviews" ? { ...one, params: { files: { train: { url }, test: "" }, missing: ["", "NA"] } } : one,
    );
    const page = await renderReport({ ...quickstart, pipeline: { ...quickstart.pipeline, nodes } });
    expect(page).toContain(`<span title="${url}">https://exampl…`);
    expect(page).toContain("<code>[&quot;&quot;, NA]</code>");
  });

  it("shows a failed run with its problems first and the stages that never started", async () => {
    const stages = quickstart.stages.map((stage): StageResult => {
      if (stage.name === "tokens") {
        const at = { file: "reviews.csv", line: 17, column: 4 };
        const diagnostics = [
          { code: "csv-quote", severity: "error", message: "a quote is not closed", hint: "Close it.", at } as const,
        ];
        return result("tokens", stage.use, { status: "failed", diagnostics });
      }
      return stage.status === "run" ? result(stage.name, stage.use, { status: "skipped", key: null }) : stage;
    });
    const page = await renderReport(withStages(stages, { status: "failed" }));
    expect(page.indexOf("a quote is not closed")).toBeLessThan(page.indexOf("<h2>Pipeline</h2>"));
    expect(page).toContain("reviews.csv:17:4");
    expect(page).not.toContain("<h2>Results</h2>");
    expect(page.match(/<span class="badge skipped">/g)).toHaveLength(4);
  });

  it("draws a record whose previews are missing or of another shape", async () => {
    const odd = [null, 3, "text", [], {}, { rows: 2, columns: "none" }, { rows: 1, columns: [null], sample: [[]] }];
    const artifacts = ["dataset", "vocabulary", "model", "matrix", "metrics", "text"] as const;
    const stages = quickstart.stages.map((stage, at) => {
      const previews = artifacts.map((artifact) => [artifact, output(artifact, stage.name, odd[at % odd.length])]);
      return { ...stage, outputs: Object.fromEntries(previews) };
    });
    expect(await renderReport(withStages(stages))).toContain("</html>");
  });

  it("draws a run without any stage", async () => {
    const empty = { ...quickstart, stages: [], pipeline: { ...quickstart.pipeline, nodes: [] } };
    expect(await renderReport(empty)).toContain("0 stages");
  });

  it("marks rows that cannot be compared when their number changed", async () => {
    const nodes = [
      node("all", { use: "data/load", kind: "stage" }),
      node("some", { use: "data/filter", inputs: { data: { stage: "all", port: "data" } } }),
    ];
    const rows = (count: number, first: string) =>
      output("dataset", first, {
        rows: count,
        columns: [{ name: "text", type: "utf8" }],
        splits: null,
        sample: [{ text: first }],
      });
    const stages = [
      result("all", "data/load", { outputs: { data: rows(1000, "one") } }),
      result("some", "data/filter", { outputs: { data: rows(800, "two") } }),
    ];
    const page = await renderReport({ ...quickstart, stages, pipeline: { ...quickstart.pipeline, nodes } });
    expect(page).toContain("1,000 → 800 rows. Rows are others, or in another order, than before.");
  });

  it("is written as one file, with nothing left beside it", async () => {
    const path = join(folder, "runs", "one", "report.html");
    await writeReport(quickstart, path);
    expect(readFileSync(path, "utf8")).toBe(await renderReport(quickstart));
    expect(readdirSync(join(folder, "runs", "one"))).toEqual(["report.html"]);
  });

  it("leaves nothing when it cannot be written", async () => {
    const path = join(folder, "a-file");
    await writeReport(quickstart, path);
    await expect(writeReport(quickstart, join(path, "report.html"))).rejects.toThrow();
    expect(existsSync(join(path, "report.html"))).toBe(false);
  });
});
