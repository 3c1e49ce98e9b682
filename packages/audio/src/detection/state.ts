/** @file A detector as numbers: what audio/detect hands to audio/evaluate-detector. */
import type { Metrics } from "@seqloom/core";
import type { Listening } from "./firings.js";

/** How a detector listens, in seconds. */
interface DetectorParams {
  readonly hop_length: number;
  readonly minimum: number;
  readonly refractory: number;
  readonly tolerance: number;
}

/** The same in frames, of which there are `rate` in a second. */
export function listeningOf(
  { minimum, refractory }: Pick<DetectorParams, "minimum" | "refractory">,
  rate: number,
): Omit<Listening, "threshold"> {
  return { least: Math.max(1, Math.round(minimum * rate)), refractory: Math.round(refractory * rate) };
}

/** The detector with its threshold, and what was measured to choose it. */
export function metricsOf(
  { hop_length, minimum, refractory, tolerance }: DetectorParams,
  threshold: number,
  measured: Readonly<Record<string, number>>,
): Metrics {
  return { values: { threshold, hop_length, minimum, refractory, tolerance, ...measured } };
}

/** What {@link metricsOf} wrote, or null where these are other numbers. */
export function detectorOf({ values }: Metrics): (DetectorParams & { readonly threshold: number }) | null {
  const { threshold, hop_length, minimum, refractory, tolerance } = values;
  const all = [threshold, hop_length, minimum, refractory, tolerance];
  return all.every((value) => Number.isFinite(value))
    ? { threshold, hop_length, minimum, refractory, tolerance }
    : null;
}
