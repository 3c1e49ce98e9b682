import type { StageCode, StageInfo } from "../pipeline/pipeline.js";
import type { AnyStage } from "../stages/stage.js";

/** What the engine needs to know of a stage, read off its definition, with defaults filled in. */
export function stageInfo(stage: AnyStage, module: StageInfo["module"], code: StageCode): StageInfo {
  return {
    id: stage.id,
    version: stage.version,
    kind: stage.kind,
    description: stage.description,
    module,
    code,
    isolation: stage.isolation ?? "thread",
    seeded: stage.seeded ?? false,
    usesDevice: stage.usesDevice ?? false,
    usesUnicodeTables: stage.usesUnicodeTables ?? false,
    fileNamesMatter: stage.fileNamesMatter ?? false,
    cpu: stage.cpu ?? 1,
    resumable: stage.resumable ?? null,
    inference: stage.kind === "stage" ? (stage.inference ?? "run") : "run",
    fitOnly: stage.kind === "estimator" ? (stage.fitOnly ?? []) : [],
    pieces: stage.kind === "stage" && stage.source !== undefined,
  };
}

/** The identity of a stage whose code nobody can see: only its version tells results apart. */
export function manualCode(stage: AnyStage): StageCode {
  return { mode: "manual", hash: `${stage.id}@${stage.version}`, hasher: "manual/1", packages: [] };
}
