import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { isRunnable } from "../project/is-runnable.js";
import type { AnyStage } from "../stages/stage.js";

/**
 * Imports the definition of a stage.
 * @throws DiagnosticError `stage-not-loadable`.
 */
export async function loadStage(module: { readonly url: string; readonly name: string }): Promise<AnyStage> {
  // Places in the code of a project are those of its sources.
  if (isRunnable(module.url)) process.setSourceMapsEnabled(true);
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = (await import(module.url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw notLoadable(module.url, (error as Error).message, (error as Error).stack);
  }
  const definition = exports[module.name] as Partial<AnyStage> | undefined;
  if (definition?.kind !== "stage" && definition?.kind !== "map" && definition?.kind !== "estimator") {
    throw notLoadable(module.url, `its export "${module.name}" is not a stage`);
  }
  return definition as AnyStage;
}

function notLoadable(url: string, problem: string, stack?: string): DiagnosticError {
  return fail("stage-not-loadable", `the module ${url} cannot be loaded: ${problem}`, {
    hint: "Install the packages that it imports, and build it if it is your own.",
    ...(stack !== undefined && { details: stack }),
  });
}
