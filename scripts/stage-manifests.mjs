/**
 * @file Writes `dist/stages.json` of each package of stages: everything that the engine needs to know of a stage without
 * loading its code, and the identity of that code.
 *
 * The identity is the SHA-256 of the stage's import closure: bundled, tree-shaken and stripped of comments and types by
 * esbuild, with the installed packages that it reaches left out and listed by version, and with the bytes of the files
 * that it loads by URL (`new URL("./kernels.wasm", import.meta.url)`) added.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";

const PACKAGES = ["data", "text", "models"];

/** Brings the lists of stages up to date. A package whose compiled files did not change is passed over. */
export async function writeManifests() {
  const state = digestOfFiles(
    ["core", "simd", ...PACKAGES].flatMap((name) => compiled(join(root, "packages", name, "dist"))),
  );
  const stamp = join(root, "packages", "cli", "dist", ".stages-state");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  const { build, version } = await import("esbuild");
  for (const name of PACKAGES) await writeManifest(join(root, "packages", name), { build, version });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
}

async function writeManifest(folder, esbuild) {
  const { stageInfo, inputPorts, outputPorts } = await import(
    pathToFileURL(join(root, "packages/core/dist/registry/tools.js"))
  );
  const manifest = {
    format: 1,
    package: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name,
    stages: [],
  };
  const stages = join(folder, "dist", "stages");
  const files = existsSync(stages)
    ? readdirSync(stages)
        .filter((file) => file.endsWith(".js"))
        .sort()
    : [];
  for (const file of files) {
    const exports = await import(pathToFileURL(join(stages, file)));
    for (const [name, stage] of Object.entries(exports)) {
      if (typeof stage?.id !== "string" || typeof stage.kind !== "string") continue;
      const code = await codeOf(join(stages, file), name, esbuild);
      const info = stageInfo(stage, { url: `./stages/${file}`, name }, code);
      manifest.stages.push({ info, inputs: inputPorts(stage), outputs: outputPorts(stage, null) });
    }
  }
  writeFileSync(join(folder, "dist", "stages.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

async function codeOf(file, name, { build, version }) {
  const versions = new Map();
  const packages = new Map();
  const hash = createHash("sha256");
  const seen = new Set();
  const bundle = async (contents, resolveDir) => {
    const result = await build({
      stdin: { contents, resolveDir, loader: "js" },
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      treeShaking: true,
      minifyWhitespace: true,
      legalComments: "none",
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "silent",
      plugins: [externals(versions)],
    });
    hash.update(result.outputFiles[0].contents);
    const output = Object.values(result.metafile.outputs)[0];
    for (const { path } of output.imports) if (versions.has(path)) packages.set(...versions.get(path));
    const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    for (const [input] of inputs.sort(([a], [b]) => (a < b ? -1 : 1))) {
      const path = join(root, input);
      if (!existsSync(path)) continue;
      for (const [, url] of readFileSync(path, "utf8").matchAll(/new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url\s*\)/g)) {
        await loaded(join(dirname(path), url));
      }
    }
  };
  const loaded = async (path) => {
    if (seen.has(path) || !existsSync(path)) return;
    seen.add(path);
    if (/\.m?js$/.test(path)) await bundle(`import ${JSON.stringify(path)};`, dirname(path));
    else hash.update(readFileSync(path));
  };
  await bundle(`export { ${name} } from ${JSON.stringify(file)};`, dirname(file));
  const list = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
  return { mode: "closure", hash: hash.digest("hex"), hasher: `esbuild-${version}/1`, packages: list };
}

/**
 * Leaves installed packages out of the bundle and notes their versions by the path of the import; what belongs to the
 * workspace is bundled. An import of which nothing is used leaves no trace.
 */
function externals(versions) {
  return {
    name: "externals",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === "inner" || path.startsWith("node:") || importer === "") return undefined;
        const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: "inner" });
        if (found.errors.length > 0 || found.path === "") return { path, external: true };
        const real = existsSync(found.path) ? realpathSync(found.path) : found.path;
        if (!real.includes("/node_modules/")) return { path: real };
        const { name, version, optional } = packageOf(real);
        // Native TensorFlow may be there or not: the device is in the key, its presence is not.
        if (!optional) versions.set(path, [name, version]);
        return { path, external: true, sideEffects: false };
      });
    },
  };
}

function packageOf(path) {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, "utf8"));
    if (name && version) return { name, version, optional: name.startsWith("@tensorflow/tfjs-node") };
  }
}

function compiled(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|wasm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function digestOfFiles(files) {
  const hash = createHash("sha256");
  for (const file of [...files, import.meta.filename])
    hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  return hash.digest("hex");
}
