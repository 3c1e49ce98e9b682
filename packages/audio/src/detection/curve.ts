/** @file What a detector finds at each threshold: the detection error trade-off (Martin and others 1997). */
import type { MetricsChart } from "@seqloom/core";
import { type Count, countOf, detectionRate, falseAlarmsPerHour, NONE, together } from "./count.js";
import { firingsOf, type Listening } from "./firings.js";

/** A clip to be listened to. */
export interface Heard {
  /** Scores of the frames, smoothed. */
  readonly scores: Float32Array;
  /** Frames in a second. */
  readonly rate: number;
  /** Beginnings and ends of events, seconds, in turn. */
  readonly events: ArrayLike<number>;
}

/** What was counted at a threshold. */
export interface Trade {
  readonly threshold: number;
  readonly count: Count;
}

/** Fourth roots of two, to write thresholds with that are the same on every machine. */
const ROOTS = [1, 1.189207115002721, Math.SQRT2, 1.681792830507429] as const;

/** Thresholds whose odds go from 2^-12 to 2^20, four to the octave: scores of a trained network crowd near 0 and 1. */
export const THRESHOLDS: readonly number[] = Array.from({ length: 129 }, (_, i) => {
  const odds = 2 ** (Math.floor(i / 4) - 12) * ROOTS[i % 4];
  return odds / (1 + odds);
});

/** What all clips together give at one threshold. */
export function counted(clips: readonly Heard[], listening: Listening, tolerance: number): Count {
  return clips.reduce((sum, { scores, rate, events }) => {
    const times = firingsOf(scores, listening).map(({ frame }) => frame / rate);
    return together(sum, countOf(times, events, scores.length / rate, tolerance));
  }, NONE);
}

/** What all clips together give at each of {@link THRESHOLDS}. */
export function tradeOff(
  clips: readonly Heard[],
  listening: Omit<Listening, "threshold">,
  tolerance: number,
  before: (done: number, total: number) => void,
): Trade[] {
  return THRESHOLDS.map((threshold, i) => {
    before(i, THRESHOLDS.length);
    return { threshold, count: counted(clips, { ...listening, threshold }, tolerance) };
  });
}

/**
 * The threshold that finds most events with no more false alarms an hour than allowed; of those that find as many, the highest.
 * Null where even the highest has more false alarms.
 */
export function bestOf(trades: readonly Trade[], allowed: number): Trade | null {
  let best: Trade | null = null;
  for (const trade of trades) {
    if (falseAlarmsPerHour(trade.count) > allowed) continue;
    if (best === null || trade.count.detected >= best.count.detected) best = trade;
  }
  return best;
}

/** Missed events over false alarms, a point for each threshold, and the threshold in use. */
export function chartOf(trades: readonly Trade[], used: Trade): MetricsChart {
  const point = ({ count }: Trade): readonly [number, number] => [falseAlarmsPerHour(count), 1 - detectionRate(count)];
  const points = trades.map(point).filter(([x, y], i, all) => i === 0 || x !== all[i - 1][0] || y !== all[i - 1][1]);
  return {
    x: { title: "false alarms per hour", scale: "symlog" },
    y: { title: "missed events" },
    lines: [{ name: "thresholds", points }],
    marks: [{ name: `threshold ${Number(used.threshold.toPrecision(4))}`, at: point(used) }],
  };
}
