import { readFileSync } from "node:fs";
import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";

/**
 * Diagnostics of a stage that failed, pointing at the parameter that they are about: a stage knows its parameters, but not
 * where a person wrote them. Where the file is gone, or says otherwise by now, they keep the place of the stage.
 */
export async function placeParams(
  diagnostics: readonly Diagnostic[],
  stage: string,
  at: Location | null,
): Promise<readonly Diagnostic[]> {
  if (at === null || diagnostics.every(({ param }) => param === undefined)) return diagnostics;
  let text: string;
  try {
    text = readFileSync(at.file, "utf8");
  } catch {
    return diagnostics;
  }
  const { YamlSource } = await import("../yaml/source.js");
  const source = new YamlSource(at.file, text);
  return diagnostics.map((one) => {
    if (one.param === undefined || one.at?.file !== at.file || one.at.line !== at.line) return one;
    const place = source.locate(["stages", stage, "with", ...one.param], "value");
    return place.line < at.line ? one : { ...one, at: place };
  });
}
