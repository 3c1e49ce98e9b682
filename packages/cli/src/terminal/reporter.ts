import type { RunListener } from "@seqloom/core/engine";

/** Tells a person what a run does. */
export interface Reporter {
  readonly listener: RunListener;
  /** Leaves the terminal as it was. More than one call does no harm. */
  close(): void;
}
