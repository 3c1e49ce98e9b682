import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import type { Json, JsonObject } from "../json.js";
import type { SweepMatrix } from "../sweep/matrix.js";
import type { DeclaredReads } from "./pipeline.js";

/** A path into the document that a person wrote: `["stages", "tokens", "with", "kind"]`. */
export type SpecPath = readonly (string | number)[];

/** One stage as it was written, before anything is checked. */
export interface StageSpec {
  readonly name: string;
  readonly use: string;
  /** Input port → `stage` or `stage.port`. The port `""` stands for the stage's only or default input. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly with: JsonObject;
  readonly columns: Readonly<Record<string, string>>;
  /** What its code reads beside that, as the pipeline declares it. */
  readonly reads?: DeclaredReads;
  /** What `${…}` its parameters had: `params.units`, `seed`, `name`. */
  readonly references?: readonly string[];
}

/** How the user's input enters the pipeline at prediction time, as it was written. */
export interface PredictSpecInput {
  readonly source?: string;
  readonly model?: string;
  readonly prepare: readonly Omit<StageSpec, "name" | "inputs" | "reads">[];
}

/** A pipeline as it was written, from YAML or from the builder: what {@link compile} checks and resolves. */
export interface PipelineSpec {
  readonly name: string;
  readonly seed: number;
  readonly params: Readonly<Record<string, Json>>;
  readonly stages: readonly StageSpec[];
  readonly predict: PredictSpecInput | null;
  readonly matrix?: SweepMatrix;
  readonly file: string | null;
  readonly directory: string;
}

/** Finds the place of a path in the file; `key` underlines the key, `value` what follows it. Null where there is no file. */
export type Locate = (path: SpecPath, part: "key" | "value") => Location | null;

/** Something wrong in a spec. The front end turns the path into a place. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly path: SpecPath;
  readonly part: "key" | "value";
  readonly stage?: string;
  /** Where it is, when that is in another file than the pipeline: the code of a stage. The path then says what uses it. */
  readonly elsewhere?: Diagnostic;
  readonly related?: readonly { readonly message: string; readonly path: SpecPath; readonly part: "key" | "value" }[];
}
