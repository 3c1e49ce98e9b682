import type { Model } from "@seqloom/core";
import { loadModel, type Predictor } from "./predictor.js";

const WARM = 2;
const warm = new Map<Model, Map<string, Predictor>>();

/**
 * A predictor of this model from a small shelf of those used last, so that a service that applies a stage to one row at
 * a time does not load the weights each time. The shelf disposes of what falls off it.
 */
export async function warmModel(model: Model, device: string): Promise<Predictor> {
  const known = warm.get(model)?.get(device);
  const predictor = known ?? (await loadModel(model, device));
  const byDevice = warm.get(model) ?? new Map<string, Predictor>();
  byDevice.set(device, predictor);
  warm.delete(model);
  warm.set(model, byDevice);
  for (const [oldest, predictors] of warm) {
    if (warm.size <= WARM) break;
    for (const old of predictors.values()) old.dispose();
    warm.delete(oldest);
  }
  return predictor;
}

/** Takes every model off the shelf of {@link warmModel} and frees its memory. */
export function releaseModels(): void {
  for (const predictors of warm.values()) for (const predictor of predictors.values()) predictor.dispose();
  warm.clear();
}
