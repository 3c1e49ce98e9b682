/**
 * Slopes over time of features `[frames, width]`: d[t] = sum of n (c[t + n] - c[t - n]) / (2 sum of n^2), n = 1 … reach, the ends
 * repeated (Young et al., The HTK Book, section 5.9).
 */
export function deltas(features: Float32Array, width: number, reach: number): Float32Array {
  const frames = features.length / width;
  const out = new Float32Array(features.length);
  const scale = (reach * (reach + 1) * (2 * reach + 1)) / 3;
  for (let t = 0; t < frames; t++) {
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let n = 1; n <= reach; n++) {
        const after = Math.min(t + n, frames - 1);
        const before = Math.max(t - n, 0);
        sum += n * (features[after * width + i] - features[before * width + i]);
      }
      out[t * width + i] = sum / scale;
    }
  }
  return out;
}
