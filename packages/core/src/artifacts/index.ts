import type { ArtifactType } from "./artifact.js";
import { datasetArtifact } from "./dataset.js";
import { files } from "./files.js";
import { matrix } from "./matrix.js";
import { metrics } from "./metrics.js";
import { model } from "./model.js";
import { text } from "./text.js";
import { vocabulary } from "./vocabulary.js";

/** Every artifact type, by name. */
export const artifactTypes = { dataset: datasetArtifact, vocabulary, model, metrics, matrix, text, files } as const;

/** The name of an artifact type. */
export type ArtifactName = keyof typeof artifactTypes;

/** The value that an artifact type carries. */
export type ArtifactValue<N extends ArtifactName> =
  (typeof artifactTypes)[N] extends ArtifactType<infer Value, string> ? Value : never;

/** The artifact type of this name. */
export function artifactType(name: ArtifactName): ArtifactType<unknown> {
  return artifactTypes[name] as ArtifactType<unknown>;
}
