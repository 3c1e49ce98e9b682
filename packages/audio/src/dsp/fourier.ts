import { fail } from "@seqloom/core";
import { type Kernels, kernels } from "./kernels.js";

/** What the kernels need to know of a transform of one length: pointers into their memory. */
export interface RealTransform {
  /** Samples of a frame. */
  readonly length: number;
  /** length / 2 + 1. */
  readonly bins: number;
  readonly plan: number;
  readonly turns: number;
  readonly scratch: number;
}

const made = new Map<number, RealTransform>();

/**
 * The discrete Fourier transform of real frames of a length: even, with no prime factor above 5.
 * @throws DiagnosticError `fft-length`.
 */
export function realTransform(length: number): RealTransform {
  const known = made.get(length);
  if (known !== undefined) return known;
  if (!isFourierLength(length)) {
    throw fail("fft-length", `a Fourier transform of ${length} samples is not there`, {
      hint: `Lengths are even and have the prime factors 2, 3 and 5 only; the next is ${nextFourierLength(length)}.`,
    });
  }
  const half = length / 2;
  const transform: RealTransform = {
    length,
    bins: half + 1,
    plan: keepPlan(kernels(), half),
    turns: keepTurns(kernels(), length),
    scratch: kernels().keep(4 * (2 * length + 16)),
  };
  made.set(length, transform);
  return transform;
}

/** Whether there is a transform of this length. */
export function isFourierLength(length: number): boolean {
  return Number.isInteger(length) && length >= 2 && length % 2 === 0 && radicesOf(length / 2) !== null;
}

/** The least length of a transform that is not less than this. */
export function nextFourierLength(length: number): number {
  let next = Math.max(2, Math.ceil(length / 2) * 2);
  while (!isFourierLength(next)) next += 2;
  return next;
}

/** The radices of the passes: fours first, because the first pass of radix 4 is the one that works on vectors. */
function radicesOf(length: number): readonly number[] | null {
  const radices: number[] = [];
  let left = length;
  for (const radix of [4, 2, 3, 5]) {
    while (left % radix === 0) {
      radices.push(radix);
      left /= radix;
    }
  }
  return left === 1 ? radices : null;
}

/** See assembly/fourier.ts. */
function keepPlan(memory: Kernels, length: number): number {
  const radices = radicesOf(length) ?? [];
  const plan = memory.keep(4 + 16 * radices.length);
  memory.integers(plan, 1)[0] = radices.length;
  let stride = 1;
  for (const [pass, radix] of radices.entries()) {
    const size = length / stride;
    const m = size / radix;
    const twiddles = memory.keep(8 * (radix - 1) * m + 16);
    const values = memory.floats(twiddles, 2 * (radix - 1) * m);
    for (let j = 1; j < radix; j++) {
      for (let p = 0; p < m; p++) {
        const [cosine, sine] = turn(j * p, size);
        values[2 * (j - 1) * m + p] = cosine;
        values[(2 * j - 1) * m + p] = sine;
      }
    }
    memory.integers(plan + 4 + 16 * pass, 4).set([radix, m, stride, twiddles]);
    stride *= radix;
  }
  return plan;
}

function keepTurns(memory: Kernels, length: number): number {
  const bins = length / 2 + 1;
  const turns = memory.keep(8 * bins + 16);
  const values = memory.floats(turns, 2 * bins);
  for (let k = 0; k < bins; k++) {
    const [cosine, sine] = turn(k, length);
    values[k] = cosine;
    values[bins + k] = sine;
  }
  return turns;
}

/** e^(-2 pi i k / n), as cosine and sine. */
function turn(k: number, n: number): readonly [number, number] {
  const angle = (-2 * Math.PI * (k % n)) / n;
  return [Math.cos(angle), Math.sin(angle)];
}
