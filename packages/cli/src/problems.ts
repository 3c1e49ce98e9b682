import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic, Pipeline } from "@seqloom/core";
import { takesColor } from "./terminal/paint.js";

/** Larger files are not read to show a line of them. */
const LARGEST = 4_000_000;

/** Writes diagnostics as text, an empty line before and after. Data files are named relative to the pipeline. */
export async function showProblems(
  problems: readonly Diagnostic[],
  pipeline: Pipeline,
  stream: NodeJS.WriteStream,
): Promise<void> {
  const { renderDiagnostics } = await import("@seqloom/core");
  const readFile = (path: string) => textOf(resolve(pipeline.directory, path));
  stream.write(`\n${renderDiagnostics(problems, { color: takesColor(stream), readFile })}\n`);
}

function textOf(path: string): string | undefined {
  try {
    return statSync(path).size > LARGEST ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
