export { type GraphOptions, graphDot } from "./graph/dot.js";
export { type GraphStatuses, type NodeStatus, statusesOf } from "./graph/label.js";
export { graphMermaid } from "./graph/mermaid.js";
export { graphSvg } from "./graph/svg.js";
export { renderReport } from "./page.js";
export { renderSweepReport } from "./sweep/page.js";
export type { PointCurves } from "./sweep/view.js";
export { writeSweepReport } from "./sweep/write.js";
export { writeReport } from "./write.js";
