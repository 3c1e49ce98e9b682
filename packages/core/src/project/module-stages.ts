import { DiagnosticError } from "../diagnostics/diagnostic.js";
import { bundler } from "./bundler.js";
import { isStage } from "./check-definition.js";
import { runnable } from "./runnable.js";

/**
 * How a pipeline names the stages of a file beside it: `./text.ts` where there is one, else `./text.ts#clean`. Of a file that
 * cannot be loaded, its name alone.
 */
export async function moduleStages(specifier: string, file: string, home: string): Promise<string[]> {
  try {
    const { url, exports: names } = await runnable(file, home, await bundler());
    const exports = (await import(url)) as Readonly<Record<string, unknown>>;
    const stages = names.filter((name) => name !== "default" && isStage(exports[name]));
    if (stages.length > 1) return stages.map((name) => `${specifier}#${name}`);
    // A default export is to be told of where it is used; what has no stage at all is a helper of others.
    return names.some((name) => isStage(exports[name])) ? [specifier] : [];
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    return [specifier];
  }
}
