/** @file How wide text is on a terminal: colours take no cell, most Asian letters and emoji take two. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ESCAPES = /\u001b\[[0-9;]*m/g;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** The number of cells that text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replace(ESCAPES, "")) width += cells(character);
  return width;
}

function cells(character: string): number {
  if (character >= " " && character <= "~") return 1;
  return ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/** Text without colours cut to a width, with … where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let result = "";
  let used = 1;
  for (const character of text) {
    used += cells(character);
    if (used > width) break;
    result += character;
  }
  return width < 1 ? "" : `${result}…`;
}

/** Text filled with spaces to a width. */
export function fill(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** Text broken between words into lines of at most this width; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const next = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(next) > width) {
      lines.push(line);
      line = word;
    } else {
      line = next;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** Two columns: names to the left, their descriptions to the right, broken into lines where they are long. */
export function described(
  rows: readonly (readonly [left: string, right: string])[],
  columns: number,
  style: (text: string) => string = (text) => text,
): string[] {
  const left = Math.max(0, ...rows.map(([name]) => widthOf(name)));
  // Where names leave little room, descriptions go below them.
  const room = columns - left - 4;
  const below = room < 30;
  return rows.flatMap(([name, text]) => {
    const [first, ...rest] = wrap(text, below ? columns - 8 : room);
    const indent = " ".repeat(below ? 6 : left + 4);
    if (first === undefined) return [`  ${name}`];
    return below
      ? [`  ${name}`, ...[first, ...rest].map((line) => indent + style(line))]
      : [`  ${fill(name, left)}  ${style(first)}`, ...rest.map((line) => indent + style(line))];
  });
}

/** The width to write text for: that of the terminal, but no wider than is good to read. */
export function readingWidth(stream: { readonly columns?: number }): number {
  return Math.min(stream.columns ?? 100, 110);
}

/** Text from data made harmless for a terminal: control characters, which could move the cursor or worse, become spaces. */
export function harmless(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** Parts joined from the left as long as they fit; what does not fit is left out, so that no number is cut in two. */
export function fitting(parts: readonly string[], width: number, separator = "  "): string {
  let line = "";
  for (const part of parts) {
    const next = line === "" ? part : `${line}${separator}${part}`;
    if (widthOf(next) > width) break;
    line = next;
  }
  return line;
}
