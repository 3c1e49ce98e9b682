import { type Dataset, dataset, defineEstimator, fail, type Metrics } from "@seqloom/core";
import { z } from "zod";
import { detectionRate, falseAlarmsPerHour } from "../detection/count.js";
import { bestOf, counted, tradeOff } from "../detection/curve.js";
import { firingsOf } from "../detection/firings.js";
import { heardOf, type Scored, scoresOf } from "../detection/heard.js";
import { listeningOf, metricsOf } from "../detection/state.js";
import { seriesOf, signalOf } from "../signals.js";

const seconds = z.number().min(0);

/** Says when something is heard, from the probabilities that a tagger gives to frames. */
export const detect = defineEstimator({
  id: "audio/detect",
  version: 1,
  description: "Says when something is heard, from the probabilities that a tagger gives to frames.",
  input: dataset(
    { sample_rate: "integer", predicted_tags: "tags", tag_probabilities: "series" },
    { optional: { events: "series" } },
  ),
  output: dataset({ detections: "series", detection_scores: "series" }),
  state: "metrics",
  fitOnly: ["events", "split"],
  params: z.strictObject({
    tag: z.string().min(1).default("event").describe("The tag whose probability is looked at"),
    hop_length: z.int().min(1).describe("Samples from frame to frame, as in the stage that made the series"),
    smoothing: seconds.default(0.2).describe("Seconds up to a frame whose mean is its score"),
    threshold: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe("The score from which on it is heard; by default chosen on the validation rows"),
    false_alarms_per_hour: z
      .number()
      .min(0)
      .default(1)
      .describe("Without threshold: the most that the validation rows may have; what finds most is then chosen"),
    minimum: seconds.default(0.05).describe("Seconds that the score must stay at the threshold before it is heard"),
    refractory: seconds.default(1).describe("Seconds after a detection in which there is no other"),
    tolerance: seconds.default(0.5).describe("Seconds behind the end of an event in which a detection finds it"),
  }),
  examples: [
    { title: "a wake word", with: { tag: "computer", hop_length: 160, false_alarms_per_hour: 0.5 } },
    {
      title: "a threshold of one's own",
      with: { hop_length: 10, threshold: 0.5, smoothing: 0, minimum: 0, refractory: 0.03 },
    },
  ],

  fit(_train, params, context) {
    const own = params.threshold;
    const rows = context.validation as unknown as Scored;
    if (own !== undefined && (rows.rows === 0 || !rows.has("events"))) return metricsOf(params, own, {});
    if (rows.rows === 0 || !rows.has("events")) {
      throw fail("threshold-missing", "there are no validation rows with events to choose the threshold on", {
        hint: "Set `threshold`, or fill the validation split before this stage.",
      });
    }
    const clips = heardOf(rows, params);
    const listening = listeningOf(params, clips[0].rate);
    const pace = (done: number, total: number): void => {
      context.signal.throwIfAborted();
      context.progress({ done, total, unit: "thresholds" });
    };
    const best =
      own === undefined
        ? bestOf(tradeOff(clips, listening, params.tolerance, pace), params.false_alarms_per_hour)
        : { threshold: own, count: counted(clips, { ...listening, threshold: own }, params.tolerance) };
    if (best === null || best.count.events === 0) {
      throw fail(
        "threshold-missing",
        best === null
          ? `every threshold has more than ${params.false_alarms_per_hour} false alarms per hour on the validation rows`
          : "there are no events in the validation rows to choose the threshold on",
        { hint: "Train longer, raise `false_alarms_per_hour`, or set `threshold`." },
      );
    }
    context.log(
      `threshold ${best.threshold.toPrecision(4)}: ${best.count.detected} of ${best.count.events} events of validation found, ` +
        `${falseAlarmsPerHour(best.count).toFixed(2)} false alarms per hour`,
    );
    return metricsOf(params, best.threshold, {
      val_detection_rate: detectionRate(best.count),
      val_false_alarms_per_hour: falseAlarmsPerHour(best.count),
      val_hours: best.count.outside / 3600,
    });
  },

  apply(batch, state: Metrics, params, context) {
    const scores = seriesOf(batch.rows, 1, scoresOf(batch as unknown as Scored, params), context);
    const rates = batch.column("sample_rate").values;
    const fired = (row: number): Float32Array => {
      const rate = rates[row] / params.hop_length;
      const listening = { ...listeningOf(params, rate), threshold: state.values.threshold };
      return Float32Array.from(
        firingsOf(signalOf(scores, row), listening).flatMap(({ frame, score }) => [frame / rate, score]),
      );
    };
    return (batch as unknown as Dataset).with({
      detections: seriesOf(batch.rows, 2, fired, context),
      detection_scores: scores,
    });
  },

  describe: (state) => state,
});
