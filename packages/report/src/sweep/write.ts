import type { SweepRecord } from "@seqloom/core";
import { writePage } from "../write.js";
import { renderSweepReport } from "./page.js";
import type { PointCurves } from "./view.js";

/**
 * Writes the report of a sweep to a file, in one step.
 * @throws The system's error when the file cannot be written.
 */
export async function writeSweepReport(
  record: SweepRecord,
  curves: readonly PointCurves[],
  path: string,
): Promise<void> {
  await writePage(renderSweepReport(record, curves), path);
}
