/** @file The difference function of YIN (de Cheveigné and Kawahara 2002, equation 6). */

/** Partial sums that are added up before they go to the total: a long float32 sum loses small terms. */
const STRETCH: i32 = 256;

/**
 * out[lag] = sum over j = 0 … window - 1 of (x[j] - x[j + lag])^2, for lag = 0 … lags - 1.
 * @param signal one frame; it is read up to x[window + lags + 3].
 */
export function differences(signal: usize, window: i32, lags: i32, out: usize): void {
  for (let lag = 0; lag < lags; lag++) {
    const shifted = signal + (<usize>lag << 2);
    let total: f64 = 0;
    let j = 0;
    while (j + 4 <= window) {
      const stop = j + STRETCH < window ? j + STRETCH : window;
      let sum = f32x4.splat(0);
      for (; j + 4 <= stop; j += 4) {
        const at = <usize>j << 2;
        const difference = f32x4.sub(v128.load(signal + at), v128.load(shifted + at));
        sum = f32x4.add(sum, f32x4.mul(difference, difference));
      }
      total += <f64>f32x4.extract_lane(sum, 0) + <f64>f32x4.extract_lane(sum, 1);
      total += <f64>f32x4.extract_lane(sum, 2) + <f64>f32x4.extract_lane(sum, 3);
    }
    for (; j < window; j++) {
      const difference = load<f32>(signal + (<usize>j << 2)) - load<f32>(shifted + (<usize>j << 2));
      total += <f64>(difference * difference);
    }
    store<f64>(out + (<usize>lag << 3), total);
  }
}
