/** @file Change of the sample rate by a polyphase filter. */

/**
 * out[i] = sum over j of filter[phase, j] x[first + j], where i down = phase + first up, for i = 0 … count - 1.
 * @param signal its x[0] is the first sample that the first output reads; zeros stand on both sides of a clip.
 * @param filters up rows of `taps` float32 numbers, taps a multiple of four.
 */
export function resample(signal: usize, filters: usize, taps: i32, up: i32, down: i32, start: i32, count: i32, out: usize): void {
  let phase = start % up, first = start / up;
  for (let i = 0; i < count; i++) {
    const row = filters + (<usize>(phase * taps) << 2), from = signal + (<usize>first << 2);
    let sum = f32x4.splat(0), second = f32x4.splat(0);
    let j = 0;
    for (; j + 8 <= taps; j += 8) {
      const at = <usize>j << 2;
      sum = f32x4.add(sum, f32x4.mul(v128.load(from + at), v128.load(row + at)));
      second = f32x4.add(second, f32x4.mul(v128.load(from + at, 16), v128.load(row + at, 16)));
    }
    if (j < taps) sum = f32x4.add(sum, f32x4.mul(v128.load(from + (<usize>j << 2)), v128.load(row + (<usize>j << 2))));
    sum = f32x4.add(sum, second);
    const total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
    store<f32>(out + (<usize>i << 2), total);
    phase += down;
    first += phase / up;
    phase %= up;
  }
}
