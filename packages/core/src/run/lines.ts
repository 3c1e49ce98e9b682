import type { Readable } from "node:stream";

/** Longer lines are cut into pieces of this many characters. */
const LONGEST = 64 * 1024;

/** Calls back with every line of a stream of UTF-8, and with what is left when it ends. Empty lines are passed over. */
export function eachLine(stream: Readable, listener: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST) {
      lines.push(rest);
      rest = "";
    }
    for (const line of lines) if (line !== "") listener(line);
  });
  stream.on("end", () => {
    if (rest !== "") listener(rest);
  });
}
