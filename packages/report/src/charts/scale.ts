/** Maps values to 0 … 1, and says which values to write at an axis. */
export interface Scale {
  place(value: unknown): number | null;
  readonly ticks: readonly { readonly text: string; readonly at: number }[];
}

/** A scale of numbers from the least to the greatest, with round ticks. */
export function linearScale(values: readonly number[], count: number, format: (value: number) => string): Scale {
  const known = values.filter(Number.isFinite);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const step = niceStep((most - least || Math.abs(most) || 1) / count);
  const from = Math.floor(least / step) * step;
  const to = Math.max(from + step, Math.ceil(most / step) * step);
  const place = (value: unknown) =>
    typeof value === "number" && Number.isFinite(value) ? (value - from) / (to - from) : null;
  const steps = Math.round((to - from) / step);
  const ticks = Array.from({ length: steps + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
  return { place, ticks: ticks.map((value) => ({ text: format(value), at: place(value) as number })) };
}

/** A scale with a place for every value, in order: numbers by size, others as they come. */
export function ordinalScale(values: readonly unknown[], format: (value: unknown) => string): Scale {
  const texts = new Map(values.map((value) => [JSON.stringify(value), value]));
  const distinct = [...texts.values()];
  if (distinct.every((value) => typeof value === "number")) distinct.sort((a, b) => a - b);
  const places = new Map(
    distinct.map((value, at) => [JSON.stringify(value), distinct.length === 1 ? 0.5 : at / (distinct.length - 1)]),
  );
  return {
    place: (value) => places.get(JSON.stringify(value)) ?? null,
    ticks: distinct.map((value) => ({ text: format(value), at: places.get(JSON.stringify(value)) as number })),
  };
}

/** A scale of positive numbers by their ratios, with the ends as ticks. */
export function logScale(values: readonly number[], format: (value: number) => string): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = Math.log(most / least) || 1;
  const place = (value: unknown) =>
    typeof value === "number" && value > 0 ? (most === least ? 0.5 : Math.log(value / least) / span) : null;
  const middle = Number(Math.sqrt(least * most).toPrecision(2));
  return {
    place,
    ticks: [...new Set([least, middle, most])].map((value) => ({ text: format(value), at: place(value) as number })),
  };
}

/** A round number near this one: 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10;
  return factor * power;
}
