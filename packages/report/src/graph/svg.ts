import type { Pipeline } from "@seqloom/core";
import { escapeHtml } from "../html.js";
import { type GraphOptions, graphDot } from "./dot.js";
import type { GraphStatuses } from "./label.js";

/** Names are bold, the lines under them small: Graphviz lays all out at one size, which leaves room for wider fonts. */
export const GRAPH_TEXT =
  ".graph .stage text{font-size:10.5px}.graph .stage text:first-of-type{font-size:12px;font-weight:650}.graph .edge text{font-size:9.5px}";

/** The colours of a graph that stands alone; a report brings its own by the same class names. */
const STYLE = `
.graph text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#1b1f24}
${GRAPH_TEXT}
.graph .edge text{fill:#5b6570}
@media(prefers-color-scheme:dark){
.graph text{fill:#e6e9ed}.graph .edge text{fill:#9aa5b1}
.graph .edge path{stroke:#6c7783}.graph .edge polygon{stroke:#6c7783;fill:#6c7783}
.graph .stage path{fill:#23282e;stroke:#6c7783}
.graph .hit path{fill:#17332c;stroke:#4fb39a}.graph .run path{fill:#172a40;stroke:#5aa0e0}
.graph .failed path{fill:#40221a;stroke:#f0875a}.graph .skipped path{fill:#1b1f24}
}`;

/**
 * The pipeline drawn as SVG by Graphviz, which runs here as WebAssembly. The drawing stands alone: its colours follow
 * the reader's light or dark preference.
 */
export async function graphSvg(
  pipeline: Pipeline,
  statuses: GraphStatuses = {},
  options: GraphOptions = {},
): Promise<string> {
  const drawing = await drawGraph(pipeline, statuses, options);
  return drawing.replace(/(<svg[^>]*>)/, (tag) => `${tag}<style>${STYLE}</style>`);
}

/** The drawing without a style of its own: `role`, label and class set, and the first lines (XML, doctype) dropped. */
export async function drawGraph(pipeline: Pipeline, statuses: GraphStatuses, options: GraphOptions): Promise<string> {
  const { instance } = await import("@viz-js/viz");
  const viz = await instance();
  const svg = viz.renderString(graphDot(pipeline, statuses, options), { format: "svg", engine: "dot" });
  const label = escapeHtml(`Graph of the pipeline ${pipeline.name}: ${pipeline.nodes.length} stages`);
  const start = svg.indexOf("<svg");
  return svg
    .slice(start)
    .replace("<svg", `<svg class="graph" role="group" aria-label="${label}"`)
    .replace(/<!--[\s\S]*?-->\n?/g, "")
    .replace(/ font-family="[^"]*"/g, "")
    .replace(/<title>[^<]*<\/title>\n?/g, "");
}
