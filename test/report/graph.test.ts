import type { Pipeline } from "@seqloom/core";
import { graphDot, graphMermaid, graphSvg, statusesOf } from "@seqloom/report";
import { describe, expect, it } from "vitest";
import { quickstart } from "./fixture.js";
import { node } from "./parts.js";

const hostile: Pipeline = {
  ...quickstart.pipeline,
  name: 'a"b\\n<script>alert(1)</script>',
  nodes: [
    node('x"]; evil [label="', { use: "a/b<i>", kind: "stage", description: '</title><script>alert("d")</script>' }),
    node("y\\", { use: "a/b", inputs: { data: { stage: 'x"]; evil [label="', port: "data" } } }),
  ],
};

describe("graphs", () => {
  it("has a node per stage and an edge per input in DOT", () => {
    const dot = graphDot(quickstart.pipeline);
    expect(dot.match(/ -> /g)).toHaveLength(9);
    expect(dot.match(/class="stage plain"/g)).toHaveLength(10);
    expect(dot).toContain('label="sequence-model\\nmodels/train"');
  });

  it("colours nodes by what became of them", () => {
    const dot = graphDot(quickstart.pipeline, statusesOf(quickstart));
    expect(dot.match(/class="stage hit"/g)).toHaveLength(6);
    expect(dot).toContain("ran 16.2 s");
  });

  it("names the output port on an edge when it is not the main one", () => {
    const pipeline: Pipeline = {
      ...quickstart.pipeline,
      nodes: [
        node("a", { use: "text/encode" }),
        node("b", { use: "text/show", inputs: { state: { stage: "a", port: "state" } } }),
      ],
    };
    expect(graphDot(pipeline)).toContain('label=" state "');
    expect(graphMermaid(pipeline)).toContain('s0 -->|"state"| s1');
  });

  it("draws Mermaid with classes only where a status is known", () => {
    expect(graphMermaid(quickstart.pipeline)).not.toContain("classDef");
    expect(graphMermaid(quickstart.pipeline, statusesOf(quickstart))).toContain("class s7 run");
  });

  it("draws an SVG that stands alone and follows the reader's light or dark preference", async () => {
    const svg = await graphSvg(quickstart.pipeline);
    expect(svg).toMatch(/^<svg class="graph" role="group" aria-label="Graph of the pipeline quickstart: 10 stages"/);
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg.match(/class="node stage plain"/g)).toHaveLength(10);
  });

  it("keeps hostile names inert in every form", async () => {
    const svg = await graphSvg(hostile, { "y\\": { status: "failed" } }, { links: true });
    expect(svg).not.toMatch(/<script|<i>/);
    expect(svg.match(/class="node stage/g)).toHaveLength(2);
    expect(graphMermaid(hostile)).not.toMatch(/<script|<i>/);
    expect(
      graphDot(hostile)
        .split("\n")
        .filter((line) => line.includes(" [id=")),
    ).toHaveLength(4);
  });
});
