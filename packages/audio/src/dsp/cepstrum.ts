/** Matrix `[coefficients, inputs]` of the orthonormal discrete cosine transform of type II. */
export function cosineMatrix(coefficients: number, inputs: number): Float64Array {
  const matrix = new Float64Array(coefficients * inputs);
  for (let k = 0; k < coefficients; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / inputs);
    for (let i = 0; i < inputs; i++) {
      matrix[k * inputs + i] = scale * Math.cos((Math.PI * k * (2 * i + 1)) / (2 * inputs));
    }
  }
  return matrix;
}

/** Weights 1 + L / 2 sin(pi (k + 1) / L) of cepstral liftering (Juang, Rabiner and Wilpon 1987), or ones for L = 0. */
export function lifterWeights(coefficients: number, lifter: number): Float64Array {
  return Float64Array.from({ length: coefficients }, (_, k) =>
    lifter === 0 ? 1 : 1 + (lifter / 2) * Math.sin((Math.PI * (k + 1)) / lifter),
  );
}

/** Cepstral coefficients `[frames, coefficients]` of log spectra `[frames, inputs]`. */
export function cepstra(spectra: Float32Array, inputs: number, coefficients: number, lifter: number): Float32Array {
  const matrix = cosineMatrix(coefficients, inputs);
  const weights = lifterWeights(coefficients, lifter);
  const frames = spectra.length / inputs;
  const out = new Float32Array(frames * coefficients);
  for (let frame = 0; frame < frames; frame++) {
    for (let k = 0; k < coefficients; k++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += matrix[k * inputs + i] * spectra[frame * inputs + i];
      out[frame * coefficients + k] = weights[k] * sum;
    }
  }
  return out;
}

/** Raises what is more than `range` decibels below the loudest value of a clip to that level, in place. */
export function limitRange(decibels: Float32Array, range: number): void {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of decibels) if (value > top) top = value;
  const least = top - range;
  for (let i = 0; i < decibels.length; i++) if (decibels[i] < least) decibels[i] = least;
}

/** Turns powers into decibels, 10 log10(max(x, 1e-10)), in place. */
export function decibelsOf(powers: Float32Array): void {
  for (let i = 0; i < powers.length; i++) powers[i] = 10 * Math.log10(Math.max(powers[i], 1e-10));
}
