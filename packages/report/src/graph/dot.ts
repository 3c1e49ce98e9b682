import type { Pipeline } from "@seqloom/core";
import { duration } from "../format.js";
import { anchor } from "../html.js";
import { edgesOf, type GraphStatuses, nodeLines } from "./label.js";

/** How a graph is drawn. */
export interface GraphOptions {
  /** From left to right, or from top to bottom. Default left to right. */
  readonly direction?: "LR" | "TB";
  /** Begins the id of every element, so that several graphs can stand in one page. Default `graph`. */
  readonly prefix?: string;
  /** Whether nodes link to `#stage-<name>`, the sections of a report. Default false. */
  readonly links?: boolean;
}

/** The pipeline in the language of Graphviz: stages as boxes with their names and ids, coloured by status where one is given. */
export function graphDot(pipeline: Pipeline, statuses: GraphStatuses = {}, options: GraphOptions = {}): string {
  const { direction = "LR", prefix = "graph", links = false } = options;
  const ids = new Map(pipeline.nodes.map((node, index) => [node.name, `s${index}`]));
  const lines = [
    `digraph ${quoted(pipeline.name)} {`,
    `  graph [id=${quoted(prefix)} rankdir=${direction} nodesep=0.24 ranksep=${direction === "LR" ? 0.38 : 0.34} bgcolor="transparent" pad=0.06 fontname="Helvetica"]`,
    `  node [shape=box style="rounded,filled" fillcolor="#eef1f4" color="#8a94a0" fontname="Helvetica" fontsize=13 margin="0.2,0.06" height=0.5 penwidth=1]`,
    `  edge [color="#8a94a0" fontname="Helvetica" fontsize=9 fontcolor="#5b6570" arrowsize=0.6 penwidth=1]`,
  ];
  for (const node of pipeline.nodes) {
    const status = statuses[node.name];
    const [name, use] = nodeLines(node);
    const state = status === undefined ? "" : stateText(status.status, status.ms);
    const label = [name, use, ...(state === "" ? [] : [state])].map(escaped).join("\\n");
    const attributes = [
      `id=${quoted(anchor(`${prefix}-node`, node.name))}`,
      `label="${label}"`,
      `class=${quoted(`stage ${status?.status ?? "plain"}`)}`,
      `tooltip=${quoted(node.stage.description || use)}`,
      ...(links ? [`URL=${quoted(`#${anchor("stage", node.name)}`)}`] : []),
      ...(status === undefined ? [] : colours(status.status)),
    ];
    lines.push(`  ${ids.get(node.name)} [${attributes.join(" ")}]`);
  }
  for (const [index, { from, to, label }] of edgesOf(pipeline).entries()) {
    const text = label === "" ? "" : ` label=${quoted(` ${label} `)}`;
    lines.push(`  ${ids.get(from)} -> ${ids.get(to)} [id=${quoted(`${prefix}-edge-${index}`)}${text}]`);
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

/** A status in words, with the time where it ran. */
export function stateText(status: string, ms: number | undefined): string {
  switch (status) {
    case "hit":
      return "✓ from cache";
    case "run":
      return ms === undefined ? "ran" : `ran ${duration(ms)}`;
    case "failed":
      return "✗ failed";
    default:
      return "not run";
  }
}

/** Colours for programs that draw DOT without our style sheet. */
function colours(status: string): readonly string[] {
  switch (status) {
    case "hit":
      return ['fillcolor="#e6f2ee"', 'color="#3f8f7a"'];
    case "run":
      return ['fillcolor="#e3eefa"', 'color="#2f6fb2"'];
    case "failed":
      return ['fillcolor="#fbe7de"', 'color="#c2501b"', "penwidth=2"];
    default:
      return ['fillcolor="#ffffff"', 'style="rounded,filled,dashed"'];
  }
}

/** A quoted string of DOT. */
function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Backslashes are doubled because DOT reads `\\n`, `\\l` and `\\N` in strings, and `&` is an entity there. */
function escaped(text: string): string {
  // Graphviz takes a NUL for the end of the text, and SVG has no control characters.
  const plain = text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "\uFFFD");
  return plain.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/&/g, "&amp;");
}
