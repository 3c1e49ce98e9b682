import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Esbuild from "esbuild";
import { BUNDLE } from "../code/closure.js";
import { linkedPackages } from "../code/resolve.js";
import { fail } from "../diagnostics/diagnostic.js";
import { writeDerived } from "../files/write.js";
import { sha256 } from "../keys/record.js";

/** A module of the user's, made into one that Node can import. */
export interface Runnable {
  readonly url: string;
  readonly exports: readonly string[];
  /** Absolute paths of the files that it was made of. */
  readonly inputs: readonly string[];
}

/**
 * Bundles a TypeScript or JavaScript module of a project for this version of Node. The file is named by its content: what is
 * imported by a plan is what was planned, whatever is edited meanwhile.
 * @throws esbuild's BuildFailure; DiagnosticError `store-not-writable`.
 */
export async function runnable(file: string, home: string, esbuild: typeof Esbuild): Promise<Runnable> {
  const folder = join(home, "memo", "stages");
  const resolveDir = dirname(file);
  const result = await esbuild.build({
    ...BUNDLE,
    entryPoints: [file],
    absWorkingDir: resolveDir,
    outfile: join(folder, "stage.mjs"),
    sourcemap: "external",
    plugins: [linkedPackages(), namedModules()],
  });
  const [map, code] = result.outputFiles.toSorted((a, b) => b.path.length - a.path.length);
  const inline = Buffer.from(map.contents).toString("base64");
  const text = `${code.text}//# sourceMappingURL=data:application/json;base64,${inline}\n`;
  const path = join(folder, `${sha256(text).slice(0, 32)}.mjs`);
  if (!existsSync(path) && !writeDerived(path, text)) {
    throw fail("store-not-writable", `cannot write ${path}, from which the stages of this project are loaded`, {
      hint: "Set SEQLOOM_HOME to a folder that you may write to.",
    });
  }
  const { exports } = Object.values(result.metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined) ?? {
    exports: [],
  };
  return {
    url: pathToFileURL(path).href,
    exports,
    inputs: Object.keys(result.metafile.inputs).map((input) => join(resolveDir, input)),
  };
}

/** A bundle lies elsewhere than its sources: what these say of their own place is filled in. */
function namedModules(): Esbuild.Plugin {
  return {
    name: "import-meta",
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (!text.includes("import.meta.")) return undefined;
        const loader = /\.[cm]?ts$/.test(path) ? "ts" : path.endsWith("x") ? "tsx" : "js";
        const contents = text
          .replace(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href))
          .replace(/\bimport\.meta\.filename\b/g, JSON.stringify(path))
          .replace(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)));
        return { contents, loader };
      });
    },
  };
}
