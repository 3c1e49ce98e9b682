const HALF_PI = Math.PI / 2;

/** Sine of an angle from 0 by its Taylor series, to about 1e-9: Math.sin may differ in its last bits from engine to engine. */
function sine(angle: number): number {
  const quarter = Math.floor(angle / HALF_PI);
  const rest = angle - quarter * HALF_PI;
  // cos(rest) = sin(pi / 2 - rest)
  const x = quarter % 2 === 0 ? rest : HALF_PI - rest;
  let term = x;
  let sum = x;
  for (let n = 2; n <= 16; n += 2) {
    term *= (-x * x) / (n * (n + 1));
    sum += term;
  }
  return quarter % 4 < 2 ? sum : -sum;
}

/** e^x of 0 >= x >= -20: the series of x / 2^10, squared ten times. */
function exponential(x: number): number {
  const small = x / 1024;
  let value = 1 + small * (1 + (small / 2) * (1 + (small / 3) * (1 + (small / 4) * (1 + small / 5))));
  for (let i = 0; i < 10; i++) value *= value;
  return value;
}

/**
 * Sinusoidal positions (Vaswani et al. 2017, section 3.5), [length, width] row by row: in columns 2i the sine, in columns 2i + 1 the
 * cosine of position / wavelength^(2i / width).
 */
export function sinusoidalPositions(length: number, width: number, wavelength = 10_000): Float32Array {
  const values = new Float32Array(length * width);
  const logarithm = naturalLogarithm(wavelength);
  for (let column = 0; column < width; column++) {
    const even = column - (column % 2);
    const rate = exponential((-logarithm * even) / width);
    const shift = column % 2 === 0 ? 0 : HALF_PI;
    for (let position = 0; position < length; position++) {
      values[position * width + column] = sine(position * rate + shift);
    }
  }
  return values;
}

/** ln x for x >= 1: halved until it is in [1, 2), then the series of atanh. */
function naturalLogarithm(x: number): number {
  let halvings = 0;
  let rest = x;
  while (rest >= 2) {
    rest /= 2;
    halvings++;
  }
  const ratio = (rest - 1) / (rest + 1);
  let power = ratio;
  let sum = 0;
  for (let n = 1; n < 50; n += 2) {
    sum += power / n;
    power *= ratio * ratio;
  }
  return 2 * sum + halvings * Math.LN2;
}
