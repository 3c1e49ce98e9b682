/** @file Numbers that describe a spectrum. Spectra are `[frames, bins]` magnitudes; frequencies are in hertz. */

/** Mean frequency, weighted by magnitude; 0 for silence. */
export function centroid(magnitudes: Float32Array, bins: number, hzPerBin: number): Float32Array {
  return eachFrame(magnitudes, bins, (row) => {
    const total = sum(row);
    let weighted = 0;
    for (let k = 0; k < bins; k++) weighted += k * row[k];
    return total === 0 ? 0 : (hzPerBin * weighted) / total;
  });
}

/** Standard deviation of frequency around the centroid, weighted by magnitude. */
export function bandwidth(magnitudes: Float32Array, bins: number, hzPerBin: number): Float32Array {
  return eachFrame(magnitudes, bins, (row) => {
    const total = sum(row);
    if (total === 0) return 0;
    let weighted = 0;
    for (let k = 0; k < bins; k++) weighted += k * row[k];
    const mean = weighted / total;
    let square = 0;
    for (let k = 0; k < bins; k++) square += row[k] * (k - mean) ** 2;
    return hzPerBin * Math.sqrt(square / total);
  });
}

/** The frequency below which this share of the magnitude lies. */
export function rolloff(magnitudes: Float32Array, bins: number, hzPerBin: number, share: number): Float32Array {
  return eachFrame(magnitudes, bins, (row) => {
    const wanted = share * sum(row);
    let found = 0;
    for (let k = 0; k < bins; k++) {
      found += row[k];
      if (found >= wanted) return k * hzPerBin;
    }
    return (bins - 1) * hzPerBin;
  });
}

/** Geometric over arithmetic mean of the power: 1 for white noise, near 0 for a tone. */
export function flatness(magnitudes: Float32Array, bins: number): Float32Array {
  return eachFrame(magnitudes, bins, (row) => {
    let logarithms = 0;
    let total = 0;
    for (const value of row) {
      const power = Math.max(value * value, LEAST_POWER);
      logarithms += Math.log(power);
      total += power;
    }
    return Math.exp(logarithms / bins) / (total / bins);
  });
}

const LEAST_POWER = 1e-10;

/** How often the signal changes its sign in a frame, per sample; zero counts as positive. */
export function zeroCrossings(frame: Float32Array): number {
  let count = 0;
  for (let i = 1; i < frame.length; i++) if (frame[i] < 0 !== frame[i - 1] < 0) count++;
  return count / frame.length;
}

/** Root of the mean square of a frame. */
export function energy(frame: Float32Array): number {
  let total = 0;
  for (const value of frame) total += value * value;
  return Math.sqrt(total / frame.length);
}

/** Onset strength: mean rise over the last frame of log-mel decibels `[frames, width]`, falls counting as none. */
export function onsetStrength(decibels: Float32Array, width: number): Float32Array {
  const out = new Float32Array(decibels.length / width);
  for (let t = 1; t < out.length; t++) {
    let rise = 0;
    for (let i = 0; i < width; i++) rise += Math.max(0, decibels[t * width + i] - decibels[(t - 1) * width + i]);
    out[t] = rise / width;
  }
  return out;
}

function eachFrame(values: Float32Array, width: number, of: (row: Float32Array) => number): Float32Array {
  const out = new Float32Array(values.length / width);
  for (let t = 0; t < out.length; t++) out[t] = of(values.subarray(t * width, (t + 1) * width));
  return out;
}

function sum(row: Float32Array): number {
  let total = 0;
  for (const value of row) total += value;
  return total;
}
