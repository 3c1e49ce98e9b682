/** @file Numbers, times and sizes as a person reads them; the same on every machine, whatever its locale. */

/** A number with a comma between thousands: `162,722`. */
export function grouped(value: number): string {
  const [whole, fraction] = String(value).split(".");
  if (/e/.test(whole) || !Number.isFinite(value)) return String(value);
  const digits = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** Whether a list of numbers needs decimals: then 1 is to be written 1.0000 among them. */
export function fractional(values: readonly unknown[]): boolean {
  return values.some((value) => typeof value === "number" && Number.isFinite(value) && !Number.isInteger(value));
}

/**
 * A measured value: integers whole, others with four decimals or four significant digits, so that columns line up.
 * @param decimals whether integers get decimals too, because they stand among numbers that have some
 */
export function measured(value: number, decimals = false): string {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && !(decimals && size < 1000)) return minus(grouped(value));
  if (size >= 1000) return minus(grouped(Number(value.toFixed(1))));
  if (size >= 100) return minus(value.toFixed(2));
  if (size >= 0.0005 || value === 0) return minus(value.toFixed(4));
  return minus(value.toExponential(2));
}

/** Measures that lie between 0 and 1, or are means: a whole number among them is a coincidence. */
const CONTINUOUS =
  /(^|[_ ])(accuracy|precision|recall|specificity|sensitivity|f1|auc|kappa|mcc|r2|loss|probability|share|rate|error|mae|mse|rmse)([_ ]|$)/;

/** A measured value under its name: an accuracy of 1 is written 1.0000, as 0.9833 is, and 6 epochs are 6. */
export function measure(name: string, value: number, decimals = false): string {
  return measured(value, decimals || CONTINUOUS.test(name.toLowerCase()));
}

/** The most decimals that are shown to tell values apart: those of a 32-bit float. */
const MOST_DECIMALS = 8;

/** The values of a curve, with as many decimals as it takes to tell different values apart. */
export function distinctly(name: string, values: readonly number[]): string[] {
  const different = new Set(values).size;
  let texts = values.map((value) => measure(name, value, fractional(values)));
  if (!values.every((value) => Math.abs(value) < 1000)) return texts;
  for (let decimals = 5; new Set(texts).size < different && decimals <= MOST_DECIMALS; decimals++) {
    texts = values.map((value) => minus(value.toFixed(decimals)));
  }
  return texts;
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}

/** A share as a percentage: `80.3 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Milliseconds in the unit that fits: `3 ms`, `1.24 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (ms < 1) return "<1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** A number of bytes: `512 B`, `1.2 kB`, `3.4 MB`. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** An ISO time in UTC without its seconds' fraction: `2026-03-01 14:05:09 UTC`. */
export function moment(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(iso);
  return match === null ? iso : `${match[1]} ${match[2]} UTC`;
}

/** `1 stage`, `2 stages`. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(value)} ${value === 1 ? noun : plural}`;
}

/** A name such as `val_loss` or `macro_f1` for a heading: `val loss`, `macro F1`. */
export function title(name: string): string {
  return name
    .replace(/[_-]+/g, " ")
    .replace(/\bf1\b/gi, "F1")
    .replace(/\bauc\b/gi, "AUC")
    .trim();
}

/** The rows of a profile by the part of the work that they are of, in order; rows that say none are one part named "". */
export function partsOf<R extends { readonly part?: string }>(rows: readonly R[]): [part: string, rows: R[]][] {
  const parts = new Map<string, R[]>();
  for (const row of rows) {
    const own = parts.get(row.part ?? "");
    if (own === undefined) parts.set(row.part ?? "", [row]);
    else own.push(row);
  }
  return [...parts];
}
