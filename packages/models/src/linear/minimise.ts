/** A smooth function: gives its value at `x`, and writes its gradient there. */
export type Smooth = (x: Float64Array, gradient: Float64Array) => number;

/** When {@link minimise} ends. */
export interface Limits {
  /** It ends where no part of the gradient is larger than this. */
  readonly tolerance: number;
  /** Or after so many steps. */
  readonly iterations: number;
  /** Called before each step; it may throw to stop. */
  readonly before?: (iteration: number) => void;
}

/** Where {@link minimise} ended. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the tolerance was reached. */
  readonly converged: boolean;
}

/** Steps and changes of the gradient that the curvature is estimated from. */
const MEMORY = 10;
/** Weak Wolfe conditions: the least decrease, and the least flattening, as shares of the slope. */
const DECREASE = 1e-4;
const FLATTENING = 0.9;
/** Halvings of the interval of a step; past them rounding decides, not the function. */
const TRIALS = 40;

/**
 * The minimum of a smooth function by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5), with a line search
 * by bisection for the weak Wolfe conditions. Sums have one order, so the result has the same bits everywhere.
 */
export function minimise(smooth: Smooth, start: Float64Array, { tolerance, iterations, before }: Limits): Minimum {
  const size = start.length;
  let x = start.slice();
  let gradient = new Float64Array(size);
  let value = smooth(x, gradient);
  let next = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const history: { readonly step: Float64Array; readonly change: Float64Array; readonly product: number }[] = [];
  for (let iteration = 0; ; iteration++) {
    if (largest(gradient) <= tolerance) return { x, value, iterations: iteration, converged: true };
    if (iteration === iterations) return { x, value, iterations: iteration, converged: false };
    before?.(iteration);
    const direction = descent(gradient, history);
    const slope = dot(direction, gradient);
    let [low, high] = [0, Number.POSITIVE_INFINITY];
    let length = history.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let reached = value;
    let found = false;
    for (let trial = 0; trial < TRIALS && !found; trial++) {
      for (let i = 0; i < size; i++) next[i] = x[i] + length * direction[i];
      reached = smooth(next, nextGradient);
      if (!(reached <= value + DECREASE * length * slope)) high = length;
      else if (dot(direction, nextGradient) < FLATTENING * slope) low = length;
      else found = true;
      if (!found) length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
    }
    // The value cannot become smaller in this arithmetic.
    if (!found) return { x, value, iterations: iteration, converged: false };
    const step = next.map((one, i) => one - x[i]);
    const change = nextGradient.map((one, i) => one - gradient[i]);
    const product = dot(step, change);
    if (product > 0) history.push({ step, change, product });
    if (history.length > MEMORY) history.shift();
    [x, next] = [next, x];
    [gradient, nextGradient] = [nextGradient, gradient];
    value = reached;
  }
}

/** Minus the gradient times the inverse of the curvature, as the last steps show it. */
function descent(
  gradient: Float64Array,
  history: readonly { readonly step: Float64Array; readonly change: Float64Array; readonly product: number }[],
): Float64Array {
  const direction = gradient.map((one) => -one);
  const shares: number[] = [];
  for (let i = history.length - 1; i >= 0; i--) {
    const { step, change, product } = history[i];
    shares[i] = dot(step, direction) / product;
    add(direction, -shares[i], change);
  }
  const last = history.at(-1);
  if (last !== undefined) {
    const scale = last.product / dot(last.change, last.change);
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  for (const [i, { step, change, product }] of history.entries()) {
    add(direction, shares[i] - dot(change, direction) / product, step);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function add(to: Float64Array, factor: number, what: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * what[i];
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
