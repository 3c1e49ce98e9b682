import type { Pipeline } from "@seqloom/core";
import { edgesOf, type GraphStatuses } from "./label.js";

/** The pipeline as a Mermaid flow chart, for Markdown files and issue trackers that draw them. */
export function graphMermaid(pipeline: Pipeline, statuses: GraphStatuses = {}): string {
  const ids = new Map(pipeline.nodes.map((node, index) => [node.name, `s${index}`]));
  const lines = ["flowchart LR"];
  for (const node of pipeline.nodes) {
    lines.push(`  ${ids.get(node.name)}["<b>${entities(node.name)}</b><br/>${entities(node.stage.id)}"]`);
  }
  for (const { from, to, label } of edgesOf(pipeline)) {
    lines.push(`  ${ids.get(from)} -->${label === "" ? "" : `|"${entities(label)}"|`} ${ids.get(to)}`);
  }
  const used = pipeline.nodes.filter((node) => statuses[node.name] !== undefined);
  if (used.length > 0) {
    lines.push("  classDef hit fill:#e6f2ee,stroke:#3f8f7a,color:#1b1f24");
    lines.push("  classDef run fill:#e3eefa,stroke:#2f6fb2,color:#1b1f24");
    lines.push("  classDef failed fill:#fbe7de,stroke:#c2501b,color:#1b1f24,stroke-width:2px");
    lines.push("  classDef skipped fill:#ffffff,stroke:#8a94a0,color:#5b6570,stroke-dasharray:4 3");
  }
  for (const node of used) lines.push(`  class ${ids.get(node.name)} ${statuses[node.name].status}`);
  return `${lines.join("\n")}\n`;
}

/** Mermaid writes special characters as `#code;`. */
function entities(text: string): string {
  return text.replace(/[^\p{L}\p{N} ._/-]/gu, (character) => `#${character.codePointAt(0)};`);
}
