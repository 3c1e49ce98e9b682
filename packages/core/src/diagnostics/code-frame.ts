import type { Location } from "./diagnostic.js";

/** How to paint parts of a frame; identity functions print plain text. */
export interface Painter {
  readonly strong: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly dim: (text: string) => string;
}

const WIDEST = 160;

/**
 * The lines around a place, numbered, with the place underlined. Tabs are shown as one space so that columns agree; other
 * control characters as a mark, for terminals would obey them.
 */
export function codeFrame(
  source: string,
  at: Location,
  mark: (text: string) => string,
  dim: (text: string) => string,
): string {
  const lines = source.split(/\r\n|\r|\n/);
  // The line end that closes a file begins no line of its own.
  if (lines.length > at.line && lines[lines.length - 1] === "") lines.pop();
  const first = Math.max(at.line - 2, 1);
  const last = Math.min(at.line + 1, lines.length);
  const gutter = String(last).length;
  const out: string[] = [];
  for (let number = first; number <= last; number++) {
    const whole = (lines[number - 1] ?? "").replaceAll("\t", " ").replace(/\p{Cc}/gu, "\ufffd");
    // A line that is too long to show is cut to a window that holds the place.
    const from = number === at.line && at.column > WIDEST - 40 ? at.column - 60 : 0;
    const shown = `${from > 0 ? "…" : ""}${whole.slice(from, from + WIDEST)}${whole.length > from + WIDEST ? "…" : ""}`;
    const marked = number === at.line;
    out.push(`${marked ? mark(">") : " "} ${dim(`${String(number).padStart(gutter)} |`)} ${shown}`.trimEnd());
    if (!marked) continue;
    const start = at.column - 1 - from + (from > 0 ? 1 : 0);
    const room = Math.max(shown.length - start, 1);
    const carets = "^".repeat(Math.max(1, Math.min(at.length ?? 1, room)));
    out.push(`  ${" ".repeat(gutter)} ${dim("|")} ${" ".repeat(start)}${mark(carets)}`);
  }
  return out.join("\n");
}
