import type { TopLevelSpec } from "vega-lite";
import { escapeHtml } from "../html.js";

/** Size of a chart: it fills the width that the page gives it. */
export const SIZE = {
  width: 380,
  height: 226,
  autosize: { type: "fit", contains: "padding" },
  padding: 4,
  background: "transparent",
} as const;

/** Colours are custom properties of the page, so that charts follow light and dark. */
export const AXES = {
  axis: {
    labelColor: "var(--muted)",
    titleColor: "var(--muted)",
    titleFontWeight: "normal",
    titleFontSize: 12,
    labelFontSize: 12,
    gridColor: "var(--line)",
    domainColor: "var(--line)",
    tickColor: "var(--line)",
  },
  view: { stroke: null },
} as const;

/**
 * A chart drawn as SVG, without a document: colours are custom properties of the page, so that it follows light and dark.
 * @param label What it shows, for those who cannot see it.
 */
export async function svgOf(specification: TopLevelSpec, label: string): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import("vega-lite"), import("vega")]);
  // Vega counts its clip paths and gradients per process: without this the same record would give other bytes the second time.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compile(specification).spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return svg
    .replace(
      /<svg[^>]*viewBox="([^"]*)"[^>]*>/,
      `<svg class="chart" viewBox="$1" role="img" aria-label="${escapeHtml(label)}">`,
    )
    .replace(/ (aria-[a-z]+|role="graphics-[a-z]+"|font-family)(="[^"]*")?(?=[ />])/g, (found) =>
      found.includes('aria-label="') && found.includes(escapeHtml(label)) ? found : "",
    );
}
