import type { Dataset, Model, StageContext } from "@seqloom/core";
import { openDevice } from "./device.js";
import { loadModel, type Predictor } from "./predictor.js";
import { profiled } from "./profile/profile.js";
import { Pacer } from "./training/pacer.js";

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

/** Sends rows through a model as a stage does it: an abort is heard, progress is told, and where the time goes if the run asks. */
export async function predictRows(model: Model, data: Dataset, context: StageContext): Promise<Dataset> {
  const predictor = await warmModel(model, context.device);
  const pacer = new Pacer(context);
  const before = (done: number): Promise<void> =>
    pacer.pause({ done, total: data.rows, unit: "rows", message: "predict" });
  const device = await openDevice(context.device);
  return profiled("prediction", device, context, () => predictor.predict(data, before));
}

/** Takes every model off the shelf of {@link warmModel} and frees its memory. */
export function releaseModels(): void {
  for (const predictors of warm.values()) for (const predictor of predictors.values()) predictor.dispose();
  warm.clear();
}
