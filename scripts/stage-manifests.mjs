/**
 * @file Writes `dist/stages.json` of each package of stages: everything that the engine needs to know of a stage without
 * loading its code, and the identity of that code. `dist/code.json` beside it has, for each identity, the files that it is
 * made of, so that a change can be named by them.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";

const PACKAGES = ["data", "text", "audio", "models"];

/** Brings the lists of stages up to date. A package whose compiled files did not change is passed over. */
export async function writeManifests() {
  const state = digestOfFiles(
    ["core", "simd", ...PACKAGES].flatMap((name) => compiled(join(root, "packages", name, "dist"))),
  );
  const stamp = join(root, "packages", "cli", "dist", ".stages-state");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  const esbuild = await import("esbuild");
  const digests = new Map();
  for (const name of PACKAGES) await writeManifest(join(root, "packages", name), { esbuild, project: null, digests });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, state);
}

async function writeManifest(folder, options) {
  const { closureOf, stageInfo, inputPorts, outputPorts } = await import(
    pathToFileURL(join(root, "packages/core/dist/registry/tools.js"))
  );
  const manifest = {
    format: 1,
    package: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).name,
    stages: [],
  };
  const closures = {};
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
      const { code, parts } = await closureOf(join(stages, file), name, options);
      closures[code.hash] = parts;
      const { untracked: _, ...known } = code;
      const info = stageInfo(stage, { url: `./stages/${file}`, name }, { ...known, parts: "./code.json" });
      manifest.stages.push({ info, inputs: inputPorts(stage), outputs: outputPorts(stage, null) });
    }
  }
  writeFileSync(join(folder, "dist", "code.json"), `${JSON.stringify(closures)}\n`);
  writeFileSync(join(folder, "dist", "stages.json"), `${JSON.stringify(manifest, null, 1)}\n`);
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
