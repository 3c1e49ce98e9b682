import type { StageNode } from "../pipeline/pipeline.js";
import { partsOfStage } from "../store/code.js";

/** The files that the code of a stage is made of, as explanations call them; none where that is not known. */
export function codeFiles({ stage }: StageNode): readonly string[] {
  return (partsOfStage(stage.code) ?? []).map(([name]) => name);
}
