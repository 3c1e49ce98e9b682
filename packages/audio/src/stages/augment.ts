import { dataset, defineStage, type SeriesColumn } from "@seqloom/core";
import { z } from "zod";
import { between, COPY_PARAMS, randomOfCopy, range, rangeProblems, withCopies } from "../copies.js";
import { atSpeed, shifted, withNoise } from "../dsp/augment.js";
import { SOUND, seriesOf, signalOf } from "../signals.js";

/** What one copy is changed by. */
interface Change {
  readonly speed: number;
  /** Samples. */
  readonly shift: number;
}

/** Adds copies of clips that are changed at random: faster, later, louder, with noise. */
export const augment = defineStage({
  id: "audio/augment",
  version: 1,
  description: "Adds copies of clips that are changed at random: faster, later, louder, with noise.",
  seeded: true,
  params: z.strictObject({
    ...COPY_PARAMS,
    speed: z
      .tuple([z.number().min(0.25).max(4), z.number().min(0.25).max(4)])
      .optional()
      .describe("Slowest and fastest, in steps of one hundredth: [0.9, 1.1]; the pitch changes with it"),
    shift: z
      .tuple([z.number(), z.number()])
      .optional()
      .describe("Earliest and latest, seconds: [-0.1, 0.1]; what is moved out is lost, silence comes in"),
    snr_db: range
      .optional()
      .describe("Least and most decibels from the white noise that is added up to the clip: [10, 30]"),
    gain_db: range.optional().describe("Least and most change of loudness, decibels: [-6, 6]"),
  }),
  inputs: { data: dataset(SOUND, { optional: { split: "label", events: "series" } }) },
  outputs: { data: dataset(SOUND) },
  keepsColumns: true,
  inference: "skip",
  check: ({ speed, shift, snr_db, gain_db }) => [
    ...rangeProblems({ speed, shift, snr_db, gain_db }),
    ...([speed, shift, snr_db, gain_db].every((one) => one === undefined)
      ? [{ path: [], message: "nothing is to be changed", hint: "Give speed, shift, snr_db or gain_db." }]
      : []),
  ],
  examples: [
    {
      title: "two noisy copies of each clip",
      with: { copies: 2, speed: [0.9, 1.1], shift: [-0.1, 0.1], snr_db: [10, 30] },
    },
    {
      title: "later by two samples",
      with: { shift: [0.002, 0.002] },
      in: [{ signal: [1, 2, 3, 4], sample_rate: 1000 }],
      out: [{ signal: [1, 2, 3, 4] }, { signal: [0, 0, 1, 2] }],
    },
  ],
  run: (inputs, params, context) => {
    const { data, copy } = withCopies(inputs.data, params);
    const signal = data.column("signal");
    const rates = data.column("sample_rate").values;
    const changes: (Change | null)[] = [];
    const sound = (row: number): Float32Array => {
      let samples = signalOf(signal, row);
      changes[row] = null;
      if (copy[row] < 0) return samples;
      // A stream for each, so that a range that is added changes nothing of the others.
      const random = randomOfCopy(context.random, samples, copy[row]);
      const { width } = signal;
      const speed =
        params.speed === undefined ? 1 : Math.round(100 * between(random.fork("speed"), params.speed)) / 100;
      const shift =
        params.shift === undefined ? 0 : Math.round(rates[row] * between(random.fork("shift"), params.shift));
      changes[row] = { speed, shift };
      samples = shifted(atSpeed(samples, width, speed), width, shift);
      if (params.snr_db !== undefined) {
        const noise = random.fork("noise");
        samples = withNoise(samples, between(random.fork("snr"), params.snr_db), () => noise.normal());
      }
      if (params.gain_db === undefined) return samples;
      const gain = 10 ** (between(random.fork("gain"), params.gain_db) / 20);
      return samples.map((value) => gain * value);
    };
    const changed = data.with<{ signal: "series" }>({ signal: seriesOf(data.rows, signal.width, sound, context) });
    const events = data.columns.get("events");
    if (events?.type !== "series" || events.width !== 2) return { data: changed };
    const { offsets } = changed.column("signal");
    const moved = (row: number): Float32Array =>
      movedEvents(events, row, changes[row], rates[row], (offsets[row + 1] - offsets[row]) / rates[row]);
    return { data: changed.with<{ events: "series" }>({ events: seriesOf(data.rows, 2, moved, context) }) };
  },
});

/** Beginnings and ends of events go with the sound; one that is moved out is gone. */
function movedEvents(
  events: SeriesColumn,
  row: number,
  change: Change | null,
  rate: number,
  seconds: number,
): Float32Array {
  const times = signalOf(events, row);
  if (change === null) return times;
  const at = (time: number): number => Math.min(Math.max(time / change.speed + change.shift / rate, 0), seconds);
  const moved: number[] = [];
  for (let i = 0; i < times.length; i += 2) {
    const [from, to] = [at(times[i]), at(times[i + 1])];
    if (to - from >= 0.5 / rate) moved.push(from, to);
  }
  return Float32Array.from(moved);
}
