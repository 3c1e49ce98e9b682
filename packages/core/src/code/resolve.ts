import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OnResolveArgs, Plugin, PluginBuild } from "esbuild";
import { isInstalled, packageOf } from "./packages.js";

/** Where the imports of packages lead. */
export interface PackageImports {
  /** Import as it is written → package and version, of those that are left out of the bundle. */
  readonly versions: Map<string, readonly [name: string, version: string]>;
  /** The `package.json` of each. */
  readonly manifests: Set<string>;
}

const INNER = "inner";

/**
 * Leaves installed packages out of the bundle and notes their versions; what belongs to the workspace is bundled. An import
 * of which nothing is used leaves no trace.
 * @param missing what to do with a package that is not there: pass it over (it may be optional), or fail.
 */
export function notingPackages({ versions, manifests }: PackageImports, missing: "pass" | "fail"): Plugin {
  return {
    name: "packages",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData === INNER || args.path.startsWith("node:")) return undefined;
        const found = await locate(build, args);
        if (found === null) return missing === "pass" ? { path: args.path, external: true } : undefined;
        if (!isInstalled(found)) return { path: found };
        const owner = packageOf(found);
        // Native TensorFlow may be there or not: the device is in the key, its presence is not.
        if (owner !== null && !owner.name.startsWith("@tensorflow/tfjs-node")) {
          versions.set(args.path, [owner.name, owner.version]);
          manifests.add(`${owner.folder}/package.json`);
        }
        return { path: args.path, external: true, sideEffects: false };
      });
    },
  };
}

/** Imports of packages become imports of their files, so that the bundle runs wherever it lies. */
export function linkedPackages(): Plugin {
  return {
    name: "links",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData === INNER || args.path.startsWith("node:")) return undefined;
        const found = await locate(build, args);
        if (found === null || (!isInstalled(found) && !isOurs(args.path)))
          return found === null ? undefined : { path: found };
        return { path: pathToFileURL(found).href, external: true };
      });
    },
  };
}

function isOurs(specifier: string): boolean {
  return specifier === "seqloom" || specifier.startsWith("@seqloom/");
}

/**
 * The file of an import of a package: as seen from the importing file, or else from here, since stages need what Seqloom
 * itself brings. Seqloom's own packages are always those that run: a second copy would have classes of its own.
 */
async function locate(build: PluginBuild, { path, importer, resolveDir, kind }: OnResolveArgs): Promise<string | null> {
  if (isOurs(path)) {
    const own = fromHere(path);
    if (own !== null) return own;
  }
  const found = await build.resolve(path, {
    kind,
    resolveDir: resolveDir || dirname(importer),
    importer,
    pluginData: INNER,
  });
  // What Node has built in has no file.
  if (found.external) return null;
  if (found.errors.length === 0 && found.path !== "")
    return existsSync(found.path) ? realpathSync(found.path) : found.path;
  return fromHere(path);
}

function fromHere(specifier: string): string | null {
  try {
    const url = import.meta.resolve(specifier);
    return url.startsWith("file:") && existsSync(fileURLToPath(url)) ? realpathSync(fileURLToPath(url)) : null;
  } catch {
    return null;
  }
}
