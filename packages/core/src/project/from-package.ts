import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { BUNDLE } from "../code/closure.js";
import { packageIdentity } from "../code/integrity.js";
import { isInstalled } from "../code/packages.js";
import { didYouMean } from "../diagnostics/closest.js";
import { fail } from "../diagnostics/diagnostic.js";
import { inputPorts, outputPorts } from "../pipeline/describe-ports.js";
import { stageInfo } from "../registry/info.js";
import type { AnyStage } from "../stages/stage.js";
import { isStage } from "./check-definition.js";
import { type ProjectStage, stageFromFile } from "./from-file.js";
import type { ProjectContext } from "./overlay.js";

/**
 * Loads a stage from a package beside the pipeline. An installed one is known by name, version and integrity, with those of
 * all that it depends on; one that is linked into the project (a workspace) by its code, as files are.
 * @throws DiagnosticError
 */
export async function stageFromPackage(
  specifier: string,
  name: string,
  context: ProjectContext,
): Promise<ProjectStage> {
  const file = await locate(specifier, context);
  if (file === null) {
    const owner = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
    throw fail("missing-package", `the package "${owner}" is not installed, or has no "${specifier}"`, {
      hint: `Install it beside the pipeline: \`npm install ${owner}\`.`,
    });
  }
  if (!isInstalled(file)) return stageFromFile(file, name, context);
  const { code, inputs } = packageIdentity(file);
  for (const input of inputs) context.inputs.add(input);
  const url = pathToFileURL(file).href;
  let exports: Readonly<Record<string, unknown>>;
  try {
    exports = (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { message, stack } = error as Error;
    throw fail("stage-not-loadable", `${specifier} cannot be loaded: ${message}`, {
      hint: "Install it again, in a version for this version of Seqloom.",
      details: stack ?? null,
    });
  }
  const stage = exports[name];
  if (!isStage(stage)) {
    const stages = Object.keys(exports).filter((one) => isStage(exports[one]));
    throw fail("unknown-export", `${specifier} exports no stage "${name}"`, {
      hint: didYouMean(name, stages, "export"),
    });
  }
  const definition: AnyStage = stage;
  const info = stageInfo(definition, { url, name }, code);
  return {
    entry: { info, inputs: inputPorts(definition), outputs: outputPorts(definition, null) },
    stage: definition,
    file,
  };
}

/** The file that an import of the package from the folder of the pipeline gives. */
async function locate(specifier: string, { directory, esbuild }: ProjectContext): Promise<string | null> {
  let found: string | null = null;
  await esbuild.build({
    ...BUNDLE,
    stdin: { contents: "", resolveDir: directory },
    plugins: [
      {
        name: "locate",
        setup(build) {
          build.onStart(async () => {
            const { path, errors } = await build.resolve(specifier, {
              kind: "import-statement",
              resolveDir: directory,
            });
            if (errors.length === 0 && path !== "") found = realpathSync(path);
          });
        },
      },
    ],
  });
  return found;
}
