import type { ArtifactName } from "../artifacts/index.js";
import type { Columns } from "../dataset/columns.js";
import type { Location } from "../diagnostics/diagnostic.js";
import type { Json, JsonObject } from "../json.js";
import type { FileSource } from "../stages/context.js";
import type { SweepMatrix } from "../sweep/matrix.js";

/** What a port carries once the pipeline is known: for datasets, every column that will be there. */
export interface ResolvedPort {
  readonly artifact: ArtifactName;
  readonly columns: Columns | null;
}

/** One end of an edge: an output port of a stage. */
export interface PortReference {
  readonly stage: string;
  readonly port: string;
}

/** What identifies the code of a stage (`stages.json` of its package holds it). */
export interface StageCode {
  readonly mode: "closure" | "package" | "manual";
  /**
   * `closure`: SHA-256 of the stage's bundled, tree-shaken import closure and of the files that it loads by URL. `package`: of
   * name, version and integrity of its package and of all that this depends on. `manual`: the id and version.
   */
  readonly hash: string;
  readonly hasher: string;
  /** The installed packages that the closure reaches: `[name, version]`, sorted. */
  readonly packages: readonly (readonly [string, string])[];
  /** URL of a JSON file with the {@link CodeParts} of closures by hash. Part of no key. */
  readonly parts?: string;
  /** Why a change of what the code reads could stay unseen: such a stage runs every time. Part of no key. */
  readonly untracked?: readonly string[];
}

/** Everything that the engine needs to know of a stage without loading its code. */
export interface StageInfo {
  readonly id: string;
  readonly version: number;
  readonly kind: "stage" | "map" | "estimator";
  readonly description: string;
  /** How the pipeline names it, where that is not the id: `./stages/clean.ts`. */
  readonly use?: string;
  /** URL of the module that exports the definition, and the export's name; null for a stage that lives in memory only. */
  readonly module: { readonly url: string; readonly name: string } | null;
  readonly code: StageCode;
  readonly isolation: "thread" | "process";
  readonly seeded: boolean;
  readonly usesDevice: boolean;
  readonly usesUnicodeTables: boolean;
  readonly fileNamesMatter: boolean;
  readonly cpu: number | "all";
  /** Whether it can go on from a checkpoint, with the same result as without the interruption. */
  readonly resumable: "exact" | null;
  readonly inference: "run" | "skip" | "source";
  readonly fitOnly: readonly string[];
  /** Whether it is a source that can be read in pieces. */
  readonly pieces: boolean;
}

/** What the code of a stage reads beside its inputs, parameters and own files. */
export interface DeclaredReads {
  /** Paths and globs relative to the pipeline; absent where the pipeline says nothing of files. */
  readonly files?: readonly string[];
  /** Names of environment variables. */
  readonly env?: readonly string[];
}

/** One stage of a pipeline: validated, resolved, frozen. */
export interface StageNode {
  readonly name: string;
  readonly stage: StageInfo;
  /** Parameters after validation, defaults filled in. */
  readonly params: JsonObject;
  readonly inputs: Readonly<Record<string, PortReference>>;
  readonly outputs: Readonly<Record<string, ResolvedPort>>;
  /** The stage's own name of a column → the name that the column has in this pipeline. */
  readonly columns: Readonly<Record<string, string>>;
  /** The files that it reads, by group; those that `reads` declares are the group `reads`. */
  readonly files: Readonly<Record<string, readonly FileSource[]>>;
  readonly reads?: DeclaredReads;
  /** The seed of its randomness (16 hexadecimal digits), whether it uses it or not. */
  readonly seed: string;
  readonly at: Location | null;
  /** What its parameters refer to: `params.units`, `seed`, `name`. Part of no key. */
  readonly references?: readonly string[];
}

/** How raw input becomes what the pipeline's source gives, at prediction time. */
export interface PredictSpec {
  /** The stage whose output the user's input takes the place of; its consumers see the prepared input. */
  readonly source: string;
  /** What the user gives: typed text, or files that the source reads. */
  readonly input: "text" | "files";
  /** Maps applied first, in order: they turn a `text` column into the columns of the source. */
  readonly prepare: readonly StageNode[];
  /** Maps on the way that only training needs, such as those that make targets: they are passed over. */
  readonly unused?: readonly string[];
  /** The stage whose prediction is shown. */
  readonly model: string;
}

/** The validated intermediate form that YAML and the TypeScript builder both compile to. Plain JSON data, deeply frozen. */
export interface Pipeline {
  readonly format: 1;
  readonly name: string;
  readonly seed: number;
  readonly params: Readonly<Record<string, Json>>;
  /** In topological order; among equals, in the order of the file. */
  readonly nodes: readonly StageNode[];
  readonly predict: PredictSpec | null;
  /** The points that it is to be run at, where there are some; this pipeline is the one with the parameters as written. */
  readonly matrix?: SweepMatrix;
  /** The file that it came from, or null. */
  readonly file: string | null;
  /** The folder against which paths are read. */
  readonly directory: string;
}
