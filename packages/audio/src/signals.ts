/** @file Columns of sound: `signal`, a series of samples as wide as there are channels, and `sample_rate`, in hertz. */
import { type Dataset, fail, type IntegerColumn, type SeriesColumn, type StageContext } from "@seqloom/core";

/** What every stage that hears a sound needs. */
export const SOUND = { signal: "series", sample_rate: "integer" } as const;

type Sound = Dataset<typeof SOUND>;

/** The samples of one row, `[length, channels]`. */
export function signalOf({ values, offsets, width }: SeriesColumn, row: number): Float32Array {
  return values.subarray(offsets[row] * width, offsets[row + 1] * width);
}

/**
 * One series for each row, put together: `of` gives `[steps, width]`.
 * Rows are looked at one by one, so the run can be aborted between two of them.
 */
export function seriesOf(
  rows: number,
  width: number,
  of: (row: number) => Float32Array,
  context: StageContext,
): SeriesColumn {
  const parts: Float32Array[] = [];
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    context.signal.throwIfAborted();
    if (row > 0 && row % 512 === 0) context.progress({ done: row, total: rows, unit: "clips" });
    const part = of(row);
    parts.push(part);
    offsets[row + 1] = offsets[row] + part.length / width;
  }
  const values = new Float32Array(offsets[rows] * width);
  for (const [row, part] of parts.entries()) values.set(part, offsets[row] * width);
  return { type: "series", values, offsets, width };
}

/**
 * The signals of a batch, which must be of one channel.
 * @throws DiagnosticError `not-mono`.
 */
export function monoOf(batch: Sound): SeriesColumn {
  const signal = batch.column("signal");
  if (signal.width > 1) {
    throw fail("not-mono", `the clips have ${signal.width} channels where one is needed`, {
      hint: "Put audio/mix before this stage: it makes one channel of several.",
    });
  }
  return signal;
}

/**
 * The sample rate that all rows share, or `null` of no rows.
 * @throws DiagnosticError `mixed-sample-rates`.
 */
export function rateOf(batch: Sound): number | null {
  const { values } = batch.column("sample_rate");
  const other = values.findIndex((rate) => rate !== values[0]);
  if (other > 0) throw mixedRates(values, other);
  return values.length === 0 ? null : values[0];
}

function mixedRates(rates: IntegerColumn["values"], other: number) {
  return fail("mixed-sample-rates", `clips of ${rates[0]} Hz and of ${rates[other]} Hz are mixed`, {
    hint: "Put audio/resample before this stage, with the rate that all clips shall have.",
  });
}
