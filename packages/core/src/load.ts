/**
 * @file Loading a pipeline file, quickly when it was loaded before. What a file compiles to is a pure function of its
 * text, the overrides and the installed stages; so it is kept in the store, and a run with nothing to do needs neither
 * the YAML parser nor the schemas nor the code of a stage.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { keepNewest, writeDerived } from "./files/write.js";
import type { Pipeline } from "./pipeline/pipeline.js";
import { isRunnable } from "./project/is-runnable.js";
import type { FileState } from "./project/states.js";
import type { Sweep, SweepPoint } from "./sweep/sweep.js";
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

/** A loaded file: the pipeline, or what is wrong; `inputs`: the files and folders of the project's own stages. */
export type Loaded =
  | {
      readonly pipeline: Pipeline;
      /** The points of its matrix, where they were compiled on the way. */
      readonly points?: readonly SweepPoint[];
      readonly diagnostics: readonly Diagnostic[];
      readonly inputs: readonly string[];
    }
  | { readonly pipeline: null; readonly diagnostics: readonly Diagnostic[]; readonly inputs: readonly string[] };

/** Raised when the form of a compiled pipeline or the rules of compiling change. */
const FORMAT = "compiled/3";

/** What is kept of a compiled pipeline. */
interface Memo {
  readonly format: typeof FORMAT;
  readonly pipeline: Pipeline;
  /** The files of the project's own stages: while they are as they were, it compiles to the same. */
  readonly inputs: readonly FileState[];
}

/** How many compiled pipelines are kept; the oldest go first. */
const KEPT = 200;

/** A loaded file with all its points, or what is wrong. */
export type LoadedSweep =
  | { readonly sweep: Sweep; readonly diagnostics: readonly Diagnostic[] }
  | { readonly sweep: null; readonly diagnostics: readonly Diagnostic[] };

/** Loads and checks a pipeline file with the points of its matrix; without a matrix there are none. */
export async function loadSweep(path: string, { manifests, set, home }: LoadOptions): Promise<LoadedSweep> {
  const [{ compileFile }, { openRegistry }] = await Promise.all([
    import("./yaml/compile-file.js"),
    import("./registry/registry.js"),
  ]);
  const compiled = await compileFile(path, openRegistry(manifests), set, home);
  const { diagnostics } = compiled;
  if (compiled.pipeline === null) return { sweep: null, diagnostics };
  return { sweep: { pipeline: compiled.pipeline, points: compiled.points }, diagnostics };
}

/** Loads and checks a pipeline file. */
export async function loadPipeline(path: string, options: LoadOptions): Promise<Loaded> {
  const file = resolve(path);
  const text = readText(file);
  const memo = text === null ? null : memoPath(file, text, options);
  const known = memo === null ? null : await readMemo(memo);
  if (known !== null) {
    const { pipeline, inputs } = known;
    const points = pipeline.matrix === undefined ? { points: [] } : {};
    return { pipeline, ...points, diagnostics: [], inputs: inputs.map(([input]) => input) };
  }
  const [{ compileFile, compileText }, { openRegistry }] = await Promise.all([
    import("./yaml/compile-file.js"),
    import("./registry/registry.js"),
  ]);
  const registry = openRegistry(options.manifests);
  const started = Date.now();
  // What the memo is named by is what is compiled, even when the file is being saved again.
  const compiled =
    text === null
      ? await compileFile(path, registry, options.set, options.home)
      : await compileText(text, file, registry, options.set, options.home);
  const { pipeline, inputs } = compiled;
  if (pipeline !== null && memo !== null) {
    const states = inputs.length === 0 ? [] : (await import("./project/states.js")).statesOf(inputs, started);
    if (states !== null) writeMemo(memo, { format: FORMAT, pipeline, inputs: states });
  }
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

async function readMemo(path: string): Promise<Memo | null> {
  let memo: Memo;
  try {
    memo = JSON.parse(readFileSync(path, "utf8")) as Memo;
  } catch {
    return null;
  }
  const { format, pipeline, inputs } = memo;
  if (format !== FORMAT) return null;
  if (inputs.length === 0) return memo;
  const { compareStates } = await import("./project/states.js");
  const { same, refreshed } = compareStates(inputs);
  if (!same || !pipeline.nodes.every(({ stage }) => isThere(stage.module))) return null;
  if (refreshed !== null) writeMemo(path, { ...memo, inputs: refreshed });
  return memo;
}

/** What TypeScript became may have been cleaned away. */
function isThere(module: Pipeline["nodes"][number]["stage"]["module"]): boolean {
  return module === null || !isRunnable(module.url) || existsSync(fileURLToPath(module.url));
}

/** A memo that cannot be written costs time, not correctness: it is left. */
function writeMemo(path: string, memo: Memo): void {
  if (writeDerived(path, JSON.stringify(memo))) keepNewest(dirname(path), KEPT);
}
