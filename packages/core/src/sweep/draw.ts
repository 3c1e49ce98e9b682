import type { Json } from "../json.js";
import { exactLog, type Random } from "../random/random.js";
import { type Axis, isRange, type RangeAxis } from "./matrix.js";

/** Drawn numbers are rounded to so many significant digits: enough for any parameter, short enough for a label. */
const DIGITS = 4;

/** The values of an axis in a grid. A range must say how many. */
export function gridValues(axis: Axis): readonly Json[] {
  if (!isRange(axis)) return axis;
  const steps = axis.steps ?? 1;
  return Array.from({ length: steps }, (_, i) => within(axis, steps === 1 ? 0 : i / (steps - 1)));
}

/** The value of an axis at a place in [0, 1): of a list the item there, of a range the number there. */
export function valueAt(axis: Axis, place: number): Json {
  return isRange(axis) ? within(axis, place) : axis[Math.floor(place * axis.length)];
}

/**
 * Places in [0, 1) of a Latin hypercube on one axis: one at random in each n-th part, in random order (McKay, Beckman and
 * Conover 1979).
 */
export function stratified(n: number, random: Random): number[] {
  const order = random.permutation(n);
  return Array.from(order, (part) => (part + random.uniform()) / n);
}

function within({ from, to, scale, integer }: RangeAxis, place: number): number {
  if (integer) {
    // Each whole number is as likely as the others, the ends too.
    const number = scale === "log" ? between(from, to, place, scale) : from + place * (to - from);
    return Math.min(to, Math.max(from, Math.round(number)));
  }
  return place === 0 ? from : place === 1 ? to : Number(between(from, to, place, scale).toPrecision(DIGITS));
}

function between(from: number, to: number, place: number, scale: RangeAxis["scale"]): number {
  return scale === "linear" ? from + place * (to - from) : from * exactExp(place * log(to / from));
}

function log(x: number): number {
  return x > 1 ? -exactLog(1 / x) : exactLog(x);
}

/** e^x of exact operations only: `Math.exp` may differ in its last bit between JavaScript engines. */
function exactExp(x: number): number {
  const halvings = Math.max(0, Math.ceil(Math.log2(Math.abs(x) + 1)) + 4);
  const small = x / 2 ** halvings;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * small) / n;
  for (let i = 0; i < halvings; i++) sum *= sum;
  return sum;
}
