import { dataset, defineStage, fail, rowsOfSplit, value } from "@seqloom/core";
import { z } from "zod";
import { detectionRate, falseAlarmsPerHour } from "../detection/count.js";
import { chartOf, counted, tradeOff } from "../detection/curve.js";
import { detectorOf, listeningOf } from "../detection/state.js";
import { signalOf } from "../signals.js";

/** Measures a detector: events found, false alarms per hour, and how the one is paid for with the other. */
export const evaluateDetector = defineStage({
  id: "audio/evaluate-detector",
  version: 1,
  description: "Measures a detector: share of events found, false alarms per hour, and both at every threshold.",
  params: z.strictObject({
    split: z.enum(["test", "validation", "train", "all"]).default("test").describe("The rows that are looked at"),
  }),
  inputs: {
    detector: value("metrics"),
    data: dataset(
      { sample_rate: "integer", events: "series", detection_scores: "series" },
      { optional: { split: "label" } },
    ),
  },
  outputs: { metrics: value("metrics") },
  examples: [{ title: "in: { detector: detected.state, data: detected }" }],
  run({ detector: state, data }, { split }, context) {
    const detector = detectorOf(state);
    if (detector === null) {
      throw fail("not-a-detector", "these are numbers of something else than a detector", {
        hint: "Connect the state of audio/detect: `in: { detector: detected.state, data: detected }`.",
      });
    }
    const rows = rowsOfSplit(data, split);
    const rates = rows.column("sample_rate").values;
    const clips = Array.from({ length: rows.rows }, (_, row) => ({
      scores: signalOf(rows.column("detection_scores"), row),
      rate: rates[row] / detector.hop_length,
      events: signalOf(rows.column("events"), row),
    }));
    const listening = listeningOf(detector, clips[0].rate);
    const trades = tradeOff(clips, listening, detector.tolerance, () => context.signal.throwIfAborted());
    const { threshold } = detector;
    const used = { threshold, count: counted(clips, { ...listening, threshold }, detector.tolerance) };
    const { events, detected, falseAlarms, outside } = used.count;
    return {
      metrics: {
        values: {
          detection_rate: detectionRate(used.count),
          false_alarms_per_hour: falseAlarmsPerHour(used.count),
          events,
          detected,
          false_alarms: falseAlarms,
          hours: outside / 3600,
          threshold,
        },
        charts: { detection_error_tradeoff: chartOf(trades, used) },
      },
    };
  },
});
