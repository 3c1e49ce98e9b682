/// <reference lib="dom" />
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Json, RunRecord } from "@seqloom/core";
import { graphSvg, writeReport } from "@seqloom/report";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quickstart } from "./fixture.js";
import { node, result } from "./parts.js";

const CHROMIUM = process.env.SEQLOOM_CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

/** Markup that does something the page could notice, in every place where a browser might take it for its own. */
const HOSTILE = `"'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script></style></title><svg onload=window.hacked=1>\${1}`;

/** The record with every string of its data replaced by hostile ones. */
function poisoned(record: RunRecord): RunRecord {
  const keep = new Set([
    "type",
    "name",
    "status",
    "kind",
    "artifact",
    "use",
    "stage",
    "port",
    "id",
    "dtype",
    "severity",
  ]);
  const poison = (value: Json): Json => {
    if (typeof value === "string") return HOSTILE;
    if (Array.isArray(value)) return (value as Json[]).map(poison);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, keep.has(key) ? item : poison(item)]));
  };
  const rename = (text: string): string =>
    text.replaceAll('"name":"sequence-model"', `"name":${JSON.stringify(HOSTILE)}`);
  const renamed = JSON.parse(rename(JSON.stringify(record))) as RunRecord;
  return {
    ...renamed,
    run: HOSTILE as RunRecord["run"],
    pipeline: {
      ...renamed.pipeline,
      name: HOSTILE,
      file: `/x/${HOSTILE}`,
      params: { [HOSTILE]: HOSTILE },
      nodes: renamed.pipeline.nodes.map((node) => ({
        ...node,
        params: { [HOSTILE]: poison(node.params) },
        stage: { ...node.stage, description: HOSTILE },
      })),
    },
    environment: { [HOSTILE]: HOSTILE },
    stages: renamed.stages.map((stage) => ({
      ...stage,
      reasons: [{ kind: "param-changed", path: HOSTILE, from: HOSTILE, to: HOSTILE }],
      diagnostics: [{ code: HOSTILE, severity: "warning", message: HOSTILE, hint: HOSTILE }],
      outputs: Object.fromEntries(
        Object.entries(stage.outputs).map(([port, output]) => [port, { ...output, preview: poison(output.preview) }]),
      ),
    })),
  };
}

/** The record with as many evaluations, of stages with long names. */
function evaluated(count: number): RunRecord {
  const stage = quickstart.stages.find(({ name }) => name === "sequence-score");
  const place = quickstart.pipeline.nodes.find(({ name }) => name === "sequence-score");
  if (stage === undefined || place === undefined) throw new Error("the fixture has no evaluation");
  const names = Array.from({ length: count }, (_, at) => `evaluation_of_the_model_number_${at}`);
  const values = (at: number) => ({ accuracy: 0.5 + at / 100, loss: 0.7 - at / 100, rows: 500 });
  return {
    ...quickstart,
    pipeline: { ...quickstart.pipeline, nodes: names.map((name) => ({ ...place, name, inputs: {} })) },
    stages: names.map((name, at) => ({
      ...stage,
      name,
      outputs: { metrics: { ...stage.outputs.metrics, preview: { values: values(at) } } },
    })),
  };
}

/** A record of so many stages, one after the other. */
function lineOf(count: number): RunRecord {
  const name = (at: number) => `stage-number-${at}`;
  const nodes = Array.from({ length: count }, (_, at) =>
    node(name(at), { use: "text/some-stage", inputs: at === 0 ? {} : { data: { stage: name(at - 1), port: "data" } } }),
  );
  const stages = nodes.map((one) => result(one.name, one.stage.id, {}));
  return { ...quickstart, stages, pipeline: { ...quickstart.pipeline, nodes } };
}

describe.skipIf(!existsSync(CHROMIUM))("the report in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-report-"));
  let browser: Browser;
  const complaints: string[] = [];

  async function open(
    name: string,
    width = 1280,
    height = 900,
    colorScheme: "light" | "dark" = "light",
  ): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    page.on("console", (message) => complaints.push(`${name}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) complaints.push(`${name} asks for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, name)).href);
    return page;
  }

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    await writeReport(quickstart, join(folder, "report.html"));
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has all its parts, and the browser has nothing to complain of", async () => {
    complaints.length = 0;
    const page = await open("report.html");
    expect(await page.locator("h2").allTextContents()).toEqual([
      "Results",
      "Pipeline",
      "Time",
      "Training",
      "Evaluation",
      "Stages",
      "Environment",
    ]);
    expect(await page.locator("article.stage").count()).toBe(10);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("draws curves with lines for training and validation and a mark at the epoch that was kept", async () => {
    const page = await open("report.html");
    const chart = page.getByRole("img", { name: /^accuracy of sequence-model by epoch/ });
    expect(await chart.locator(".mark-line path").count()).toBe(2);
    const colours = await chart
      .locator(".mark-line path")
      .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).stroke));
    expect(new Set(colours).size).toBe(2);
    expect(await chart.locator(".mark-rule.layer_2_marks line").count()).toBe(1);
    expect((await chart.boundingBox())?.height).toBeGreaterThan(150);
    await page.close();
  });

  it("shades the confusion matrix by share, with the numbers in it", async () => {
    const page = await open("report.html");
    const cells = page.getByRole("region", { name: "Confusion matrix of sequence-score" }).locator("td");
    expect(await cells.locator("b").allTextContents()).toEqual(["246", "3", "4", "247"]);
    const [right, wrong] = await cells.evaluateAll((all) => all.map((cell) => getComputedStyle(cell).backgroundColor));
    expect(right).not.toBe(wrong);
    await page.close();
  });

  it("shows rows before and after a stage, tokens as chips and padding as a count", async () => {
    const page = await open("report.html");
    const tokens = page.getByRole("table", { name: "Sample rows before and after tokens" });
    expect(await tokens.locator("tbody tr").first().locator("td").first().textContent()).toMatch(/^The plot was dull/);
    expect(await tokens.locator("tbody tr").first().locator(".chips span").allTextContents()).toContain("brilliant");
    const pad = page.getByRole("table", { name: "Sample rows before and after pad" });
    expect(await pad.locator(".pad").first().textContent()).toBe("0 × 5");
    await page.close();
  });

  it("leads from a node of the graph to the section of its stage, by keyboard too", async () => {
    const page = await open("report.html");
    await page.locator(".graph.long a", { hasText: "sequence-model" }).focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.querySelector(":target h3")?.textContent)).toBe("sequence-model");
    await page.close();
  });

  it.each([
    ["a phone", 390, 844],
    ["a small window", 700, 800],
  ])("does not scroll sideways on %s", async (_, width, height) => {
    const page = await open("report.html", width, height);
    const [content, visible] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(content).toBe(visible);
    await page.close();
  });

  it.each([2, 3, 6])("shows the results of %d evaluations with long names whole on a phone", async (count) => {
    const name = `results-${count}.html`;
    await writeReport(evaluated(count), join(folder, name));
    const page = await open(name, 390);
    const comparison = page.getByRole("region", { name: "Comparison" });
    const [content, visible] = await comparison.evaluate((box) => [box.scrollWidth, box.clientWidth]);
    expect(content).toBeLessThanOrEqual(visible);
    expect(await comparison.locator("td.best").first().isVisible()).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.close();
  });

  it.each([390, 800, 1280, 1600])("shows a line of twelve stages whole on a page of %d", async (width) => {
    await writeReport(lineOf(12), join(folder, "line.html"));
    const page = await open("line.html", width);
    const graph = page.locator("svg.graph:visible");
    expect(await graph.count()).toBe(1);
    const box = page.getByRole("region", { name: "Graph of the pipeline" });
    const [content, visible] = await box.evaluate((one) => [one.scrollWidth, one.clientWidth]);
    expect(content).toBe(visible);
    // Readable: the letters of the names are drawn at 72 % of their size or more.
    const height = await graph
      .locator(".stage text")
      .first()
      .evaluate((text) => text.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(8.6);
    await page.close();
  });

  it("is dark for those who prefer it", async () => {
    const page = await open("report.html", 1280, 900, "dark");
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(20, 23, 26)");
    await page.close();
  });

  it("keeps hostile strings inert and shows them as they are", async () => {
    await writeReport(poisoned(quickstart), join(folder, "hostile.html"));
    complaints.length = 0;
    const page = await open("hostile.html", 390);
    expect(await page.evaluate(() => (window as unknown as { hacked?: number }).hacked)).toBeUndefined();
    expect(await page.locator("img, script, svg[onload]").count()).toBe(0);
    expect(await page.locator("h1").textContent()).toBe(HOSTILE);
    expect(await page.locator("article.stage").count()).toBe(10);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("has no id twice, and every link inside it leads somewhere", async () => {
    const page = await open("report.html");
    const { twice, dead } = await page.evaluate(() => {
      const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
      const targets = [...document.querySelectorAll("a")].map(
        (link) => link.getAttribute("href") ?? link.getAttribute("xlink:href") ?? "",
      );
      return {
        twice: ids.filter((id, at) => ids.indexOf(id) !== at),
        dead: targets.filter((target) => target !== "" && document.getElementById(target.slice(1)) === null),
      };
    });
    expect({ twice, dead }).toEqual({ twice: [], dead: [] });
    await page.close();
  });

  it("shows the graph as a file of its own", async () => {
    const page = await browser.newPage();
    await page.setContent(await graphSvg(quickstart.pipeline));
    expect((await page.locator("svg").boundingBox())?.width).toBeGreaterThan(600);
    await page.close();
  });
});
