import type { Json, JsonObject } from "../json.js";
import { type ArtifactType, fileNamed, fromJsonBytes, jsonBytes } from "./artifact.js";
import { CODECS } from "./codecs.js";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "./safetensors.js";

/** A trained model as data: what it is made of (JSON) and its weights by name, in the order of its layers. */
export interface Model {
  /** Layers, classes, input, history: whatever the stage that made it needs to run it again. No times, no paths. */
  readonly config: JsonObject;
  readonly weights: ReadonlyMap<string, TensorData>;
}

/** The artifact type of {@link Model}: `model.json` and `weights.safetensors`. */
export const model: ArtifactType<Model, "model"> = {
  name: "model",
  codec: CODECS.model,
  encode: async ({ config, weights }) => [
    { name: "model.json", bytes: jsonBytes(config) },
    { name: "weights.safetensors", bytes: encodeSafetensors(weights) },
  ],
  decode: async (files) => ({
    config: fromJsonBytes<JsonObject>(fileNamed(files, "model.json")),
    weights: decodeSafetensors(fileNamed(files, "weights.safetensors")),
  }),
  preview: ({ config, weights }) => ({
    config,
    weights: [...weights].map(([name, { dtype, shape }]): Json => ({ name, dtype, shape })),
  }),
};
