import { dataset, defineStage, fail, type MetricsTable, value } from "@seqloom/core";
import { z } from "zod";
import { Stft } from "../dsp/stft.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { monoOf, SOUND, signalOf } from "../signals.js";

/** Errors below this part of the power of the sound are not told from none: 200 dB, far below what a float holds. */
const FLOOR = 1e-20;

/** Compares sounds that were made again, such as from their spectra, with what they were. */
export const evaluateReconstruction = defineStage({
  id: "audio/evaluate-reconstruction",
  version: 1,
  description:
    "Measures sounds that were made again, as from spectra: largest error, signal to noise, spectral distance.",
  inputs: { data: dataset({ ...SOUND, predicted: "series" }, { optional: { id: "utf8" } }) },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    ...STFT_PARAMS,
    examples: z.int().min(0).max(1000).default(5).describe("Rows to show: those that are least alike"),
  }),
  check: stftProblems,
  examples: [{ title: "sounds from powers, in the geometry that made these", with: { n_fft: 512, hop_length: 128 } }],
  run: ({ data }, { examples, ...params }, context) => {
    const signal = monoOf(data);
    const predicted = data.column("predicted");
    if (data.rows === 0 || predicted.width !== 1) {
      const problem = data.rows === 0 ? "there are no rows" : `the sounds have ${predicted.width} values a sample`;
      throw fail("no-sound", `${problem}: nothing can be compared`, {
        hint: "Rename what audio/inverse gives: `columns: { signal: predicted }`.",
      });
    }
    const stft = new Stft(stftOptions(params));
    const rows = Array.from({ length: data.rows }, (_, row) => {
      context.signal.throwIfAborted();
      return distance(stft, signalOf(signal, row), signalOf(predicted, row));
    });
    const ids = data.columns.get("id");
    const named = (row: number): string | number => (ids?.type === "utf8" ? ids.values[row] : row + 1);
    const sum = (pick: (one: Distance) => number): number => rows.reduce((total, one) => total + pick(one), 0);
    const worst = rows.map((_, row) => row).sort((a, b) => decibels(rows[a]) - decibels(rows[b]) || a - b);
    const table: MetricsTable = {
      columns: ["clip", "max error", "SNR, dB", "spectral convergence"],
      rows: worst
        .slice(0, examples)
        .map((row) => [named(row), rows[row].most, decibels(rows[row]), convergence(rows[row])]),
    };
    return {
      metrics: {
        values: {
          max_error: Math.max(...rows.map(({ most }) => most)),
          snr_db: decibels({ power: sum(({ power }) => power), noise: sum(({ noise }) => noise) }),
          spectral_convergence: convergence({
            spectrum: sum(({ spectrum }) => spectrum),
            difference: sum(({ difference }) => difference),
          }),
          samples: sum(({ samples }) => samples),
          rows: data.rows,
        },
        ...(examples > 0 && { tables: { least_alike: table } }),
      },
    };
  },
});

interface Distance {
  /** Samples that both have: frames cover the end of a clip up to a hop. */
  readonly samples: number;
  readonly most: number;
  /** Sums of squares of the samples and of their differences. */
  readonly power: number;
  readonly noise: number;
  /** Sums of squares of the magnitudes of the spectra and of their differences. */
  readonly spectrum: number;
  readonly difference: number;
}

function distance(stft: Stft, whole: Float32Array, made: Float32Array): Distance {
  const samples = Math.min(whole.length, made.length);
  const [one, other] = [whole.subarray(0, samples), made.subarray(0, samples)];
  const [time, spectra] = [squares(one, other), squares(stft.run(one, "magnitude"), stft.run(other, "magnitude"))];
  return {
    samples,
    most: time.most,
    power: time.of,
    noise: time.between,
    spectrum: spectra.of,
    difference: spectra.between,
  };
}

function squares(one: Float32Array, other: Float32Array) {
  let [of, between, most] = [0, 0, 0];
  for (let i = 0; i < one.length; i++) {
    const difference = Math.abs(one[i] - other[i]);
    of += one[i] * one[i];
    between += difference * difference;
    if (difference > most) most = difference;
  }
  return { of, between, most };
}

function decibels({ power, noise }: Pick<Distance, "power" | "noise">): number {
  return power === 0 ? 0 : 10 * Math.log10(power / Math.max(noise, power * FLOOR));
}

/** Sturmel and Daudet 2011: the distance of the magnitudes as a part of them. */
function convergence({ spectrum, difference }: Pick<Distance, "spectrum" | "difference">): number {
  return spectrum === 0 ? 0 : Math.sqrt(difference / spectrum);
}
