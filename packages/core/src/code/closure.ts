/**
 * @file The identity of a stage's code: the SHA-256 of its import closure, bundled, tree-shaken and stripped of comments,
 * spaces and types, file by file. Installed packages are left out and listed by version; files that the code loads by URL
 * (`new URL("./kernels.wasm", import.meta.url)`) and `extraFiles` count by their bytes.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type * as Esbuild from "esbuild";
import { sha256 } from "../keys/record.js";
import type { StageCode } from "../pipeline/pipeline.js";
import { packageOf, shownName } from "./packages.js";
import type { CodeParts } from "./parts.js";
import { notingPackages } from "./resolve.js";
import { sectionsOf } from "./sections.js";

/** A closure. */
export interface Closure {
  readonly code: StageCode;
  readonly parts: CodeParts;
  /** Absolute paths of all files that were looked at: while none changes, the closure is the same. */
  readonly inputs: readonly string[];
}

/** How to look at code. */
export interface ClosureOptions {
  readonly esbuild: typeof Esbuild;
  /** The folder of the project, against which its files are named; null for the packages of a workspace. */
  readonly project: string | null;
  /** Absolute paths of files that the code reads though nobody can see it; what cannot be followed is then taken as declared. */
  readonly extraFiles?: readonly string[] | undefined;
  /** Whether the stage says which files it reads, so that reading files is nothing to wonder at. */
  readonly declaresFiles?: boolean;
  /** Digests of sections that were hashed before. */
  readonly digests?: Map<string, string>;
}

/** Raised when the same code is hashed another way. */
const FORM = 2;

/** An asset by URL: the one form of reading a file that the bundle shows. */
const ASSET = /new URL\(\s*["'](\.[^"']+)["'],\s*import\.meta\.url\s*\)/g;
/** Modules that bring in what no key holds. */
const FILE_MODULE = /\bfrom\s*["']((?:node:)?(?:fs|fs\/promises|child_process|http|https|net))["']/;
const BARE_IMPORT = /^\s*import\s*["']([^"'./][^"']*)["']/gm;

/** What the bundler cannot follow. */
const UNFOLLOWED = {
  "unsupported-dynamic-import": "imports a module whose name is known only when it runs",
  "unsupported-require-call": "requires a module whose name is known only when it runs",
} as const;

/** Options that decide what comes out of the bundler: none comes from the user's own configuration. */
export const BUNDLE = {
  bundle: true,
  write: false,
  metafile: true,
  treeShaking: true,
  legalComments: "none",
  format: "esm",
  platform: "node",
  target: "node20",
  conditions: [],
  charset: "utf8",
  logLevel: "silent",
  tsconfigRaw: "{}",
} as const satisfies Esbuild.BuildOptions;

/**
 * The closure of one export of a module.
 * @throws esbuild's BuildFailure when the code is not valid, or, in a project, when something that it imports is missing.
 */
export async function closureOf(file: string, name: string, options: ClosureOptions): Promise<Closure> {
  const { esbuild, project } = options;
  const versions = new Map<string, readonly [string, string]>();
  const manifests = new Set<string>();
  const packages = new Map<string, readonly [string, string]>();
  const digests = options.digests ?? new Map<string, string>();
  const parts: (readonly [string, string])[] = [];
  const digestsInOrder: string[] = [];
  const inputs = new Set<string>();
  const untracked = new Set<string>();
  const seen = new Set<string>();

  const bundle = async (contents: string, resolveDir: string): Promise<void> => {
    const result = await esbuild.build({
      ...BUNDLE,
      stdin: { contents, resolveDir, loader: "js" },
      absWorkingDir: resolveDir,
      logOverride: Object.fromEntries(Object.keys(UNFOLLOWED).map((id) => [id, "warning"])),
      plugins: [notingPackages({ versions, manifests }, project === null ? "pass" : "fail")],
    });
    const { imports, inputs: contributing } = Object.values(result.metafile.outputs)[0];
    for (const { path } of imports) note(path);
    const paths = Object.keys(result.metafile.inputs).filter((path) => existsSync(join(resolveDir, path)));
    for (const path of paths) inputs.add(resolve(resolveDir, path));
    const used = paths.filter((path) => (contributing[path]?.bytesInOutput ?? 0) > 0);
    for (const [path, digest] of await sectionsOf(result.outputFiles[0].text, new Set(used), esbuild, digests)) {
      digestsInOrder.push(digest);
      // What the bundler itself adds is no file of anyone's, and changes with what it bundles.
      if (path !== "") parts.push([shownName(resolve(resolveDir, path), project), digest]);
    }
    const isUsed = new Set(used);
    // What Seqloom itself does is known to be harmless.
    const isOwn = (path: string): boolean => project !== null && !isFramework(resolve(resolveDir, path));
    for (const { id, location } of result.warnings) {
      if (!(id in UNFOLLOWED) || location === null || !isUsed.has(location.file) || !isOwn(location.file)) continue;
      const where = `${shownName(resolve(resolveDir, location.file), project)}:${location.line}`;
      untracked.add(`${UNFOLLOWED[id as keyof typeof UNFOLLOWED]} (${where})`);
    }
    for (const path of used.toSorted(byName)) {
      const text = readFileSync(resolve(resolveDir, path), "utf8");
      for (const [, specifier] of text.matchAll(BARE_IMPORT)) note(specifier);
      const assets = [...text.matchAll(ASSET)];
      for (const [, url] of assets) await asset(resolve(resolveDir, dirname(path), url));
      const from = FILE_MODULE.exec(text);
      if (!isOwn(path) || assets.length > 0 || options.declaresFiles === true || from === null) continue;
      if (!imports.some((one) => one.path === from[1])) continue;
      const line = text.slice(0, from.index).split("\n").length;
      untracked.add(`uses ${from[1]} (${shownName(resolve(resolveDir, path), project)}:${line})`);
    }
  };
  const note = (specifier: string): void => {
    const found = versions.get(specifier);
    if (found !== undefined) packages.set(found.join("@"), found);
  };
  const asset = async (path: string): Promise<void> => {
    if (seen.has(path) || !existsSync(path)) return;
    seen.add(path);
    if (/\.m?js$/.test(path)) await bundle(`import ${JSON.stringify(path)};`, dirname(path));
    else addFile(path);
  };
  const addFile = (path: string): void => {
    inputs.add(path);
    const digest = sha256(readFileSync(path));
    digestsInOrder.push(digest);
    parts.push([shownName(path, project), digest]);
  };

  await bundle(`export { ${name} } from ${JSON.stringify(file)};`, dirname(file));
  for (const path of options.extraFiles ?? []) addFile(path);
  const hash = createHash("sha256");
  for (const digest of digestsInOrder) hash.update(`${digest}\n`);
  return {
    code: {
      mode: "closure",
      hash: hash.digest("hex"),
      hasher: `esbuild-${esbuild.version}/${FORM}`,
      packages: [...packages].sort(([a], [b]) => byName(a, b)).map(([, found]) => found),
      ...(untracked.size > 0 && options.extraFiles === undefined && { untracked: [...untracked] }),
    },
    parts,
    inputs: [...inputs, ...manifests],
  };
}

function isFramework(path: string): boolean {
  const name = packageOf(path)?.name ?? "";
  return name === "seqloom" || name.startsWith("@seqloom/");
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}
