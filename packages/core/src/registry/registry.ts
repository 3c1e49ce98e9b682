import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Diagnostic, fail } from "../diagnostics/diagnostic.js";
import { frozen } from "../pipeline/frozen.js";
import type { StageInfo } from "../pipeline/pipeline.js";
import type { Ports } from "../stages/ports.js";
import type { AnyStage } from "../stages/stage.js";

/** A stage that is installed: what the engine needs to know, and its ports, without its code. */
export interface RegistryEntry {
  readonly info: StageInfo;
  readonly inputs: Ports;
  readonly outputs: Ports;
}

/** `stages.json`, which the build writes into each package of stages: module URLs in it are relative to the file. */
export interface StageManifest {
  readonly format: 1;
  readonly package: string;
  readonly stages: readonly RegistryEntry[];
}

/** The stages that pipelines may use. */
export interface Registry {
  readonly ids: readonly string[];
  entry(id: string): RegistryEntry | undefined;
  /** Loads the code of a stage. */
  load(id: string): Promise<AnyStage>;
  /** What is wrong with a stage that is there but cannot be used: of those that a project defines itself. */
  refused?(use: string): readonly Diagnostic[] | undefined;
}

/**
 * Opens the stages of installed packages.
 * @param manifests the URL of each package's `stages.json`
 */
export function openRegistry(manifests: readonly URL[]): Registry {
  const entries = new Map<string, RegistryEntry>();
  for (const url of manifests) {
    for (const entry of readManifest(url).stages) {
      const module = entry.info.module;
      const absolute = module === null ? null : { ...module, url: new URL(module.url, url).href };
      const { parts, ...code } = entry.info.code;
      const located = { ...code, ...(parts !== undefined && { parts: new URL(parts, url).href }) };
      entries.set(entry.info.id, { ...entry, info: frozen({ ...entry.info, module: absolute, code: located }) });
    }
  }
  return registryOf(entries);
}

function registryOf(entries: ReadonlyMap<string, RegistryEntry>): Registry {
  // An import that is there already still takes longer than checking a stage.
  const loaded = new Map<string, AnyStage>();
  return {
    ids: [...entries.keys()].sort(),
    entry: (id) => entries.get(id),
    load: async (id) => {
      const before = loaded.get(id);
      if (before !== undefined) return before;
      const module = entries.get(id)?.info.module;
      if (module === undefined || module === null) throw new Error(`stage ${id} has no module to load`);
      const exports = (await import(module.url)) as Record<string, AnyStage | undefined>;
      const stage = exports[module.name];
      if (stage === undefined) throw new Error(`${module.url} does not export ${module.name}`);
      loaded.set(id, stage);
      return stage;
    },
  };
}

function readManifest(url: URL): StageManifest {
  let text: string;
  try {
    text = readFileSync(url, "utf8");
  } catch {
    throw fail("stages-missing", `the list of stages is not there: ${fileURLToPath(url)}`, {
      hint: "In a checkout, run `npm run build` first; otherwise install the package again.",
    });
  }
  const manifest = JSON.parse(text) as StageManifest;
  if (manifest.format !== 1) {
    throw fail("stages-format", `${fileURLToPath(url)} has format ${String(manifest.format)}; this version reads 1`, {
      hint: "Install versions of the seqloom packages that belong together.",
    });
  }
  return manifest;
}
