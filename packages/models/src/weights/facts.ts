import type { Json, JsonObject, Model } from "@seqloom/core";
import { configOf } from "../artifact.js";

/** What a reader of the weights must know, as plain JSON: what the model reads, its layers with all their parameters, what it gives. */
export function modelFacts(model: Model): JsonObject {
  const { input, classes, outputs, loss, layers, total_parameters } = configOf(model);
  const tensors = [...model.weights].map(([name, { dtype, shape }]): Json => ({ name, dtype, shape: [...shape] }));
  return {
    input: input as unknown as Json,
    ...(outputs === undefined ? { classes: [...classes] } : { outputs }),
    loss,
    layers: layers as unknown as Json,
    parameters: total_parameters,
    weights: { file: "weights.safetensors", tensors },
  };
}
