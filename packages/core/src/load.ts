/**
 * @file Loading a pipeline file, quickly when it was loaded before. What a file compiles to is a pure function of its
 * text, the overrides and the installed stages; so it is kept in the store, and a run with nothing to do needs neither
 * the YAML parser nor the schemas nor the code of a stage.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import type { Pipeline } from "./pipeline/pipeline.js";
import type { Overrides } from "./yaml/overrides.js";

/** How to load a pipeline file. */
export interface LoadOptions {
  /** The `stages.json` of each installed package of stages. */
  readonly manifests: readonly URL[];
  /** `--set`: dotted path → YAML text. */
  readonly set?: Overrides;
  /** The folder of the store. */
  readonly home: string;
}

/** A loaded file: the pipeline, or what is wrong. */
export type Loaded =
  | { readonly pipeline: Pipeline; readonly diagnostics: readonly Diagnostic[] }
  | { readonly pipeline: null; readonly diagnostics: readonly Diagnostic[] };

/** Raised when the form of a compiled pipeline or the rules of compiling change. */
const FORMAT = "compiled/1";

/** How many compiled pipelines are kept; the oldest go first. */
const KEPT = 200;

/** Loads and checks a pipeline file. */
export async function loadPipeline(path: string, options: LoadOptions): Promise<Loaded> {
  const file = resolve(path);
  const text = readText(file);
  const memo = text === null ? null : memoPath(file, text, options);
  const known = memo === null ? null : readMemo(memo);
  if (known !== null) return { pipeline: known, diagnostics: [] };
  const [{ compileFile, compileText }, { openRegistry }] = await Promise.all([
    import("./yaml/compile-file.js"),
    import("./registry/registry.js"),
  ]);
  const registry = openRegistry(options.manifests);
  // What the memo is named by is what is compiled, even when the file is being saved again.
  const compiled =
    text === null
      ? await compileFile(path, registry, options.set)
      : await compileText(text, file, registry, options.set);
  if (compiled.pipeline !== null && memo !== null) writeMemo(memo, compiled.pipeline);
  return compiled;
}

/** Where the compiled form of this text, with these overrides and these stages, is kept; null when the file cannot be read. */
function memoPath(file: string, text: string, { manifests, set = {}, home }: LoadOptions): string | null {
  const hash = createHash("sha256");
  try {
    hash.update(JSON.stringify([FORMAT, file, Object.entries(set).sort(), manifests.map(String), text]));
    for (const path of manifests) hash.update("\n").update(readFileSync(path));
  } catch {
    return null;
  }
  return join(home, "memo", "pipelines", `${hash.digest("hex").slice(0, 32)}.json`);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null; // compileFile says why
  }
}

function readMemo(path: string): Pipeline | null {
  try {
    const pipeline = JSON.parse(readFileSync(path, "utf8")) as Pipeline;
    return pipeline.format === 1 ? pipeline : null;
  } catch {
    return null;
  }
}

/** A memo that cannot be written costs time, not correctness: it is left. */
function writeMemo(path: string, pipeline: Pipeline): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, JSON.stringify(pipeline));
    renameSync(temporary, path);
    prune(dirname(path));
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Not even a folder is there to clean.
    }
  }
}

function prune(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= KEPT) return;
  const aged = names.map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
  aged.sort((a, b) => a.time - b.time);
  for (const { path } of aged.slice(0, names.length - KEPT)) rmSync(path, { force: true });
}
