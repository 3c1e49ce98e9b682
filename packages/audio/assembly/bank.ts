/** @file Banks of filters over the bins of a spectrum, and logarithms. */
import { log4 } from "../../simd/assembly/math";

/**
 * Sums of bins by filters: out[frame, filter] = sum of weight times bin.
 * @param bank per filter i32 first bin, i32 number of bins, i32 pointer to its float32 weights. The weights of a filter are
 *   filled up with zeros to a multiple of four, and so is the room behind the last frame.
 */
export function applyBank(source: usize, frames: i32, bins: i32, bank: usize, filters: i32, out: usize): void {
  for (let frame = 0; frame < frames; frame++) {
    const from = source + (<usize>frame * <usize>bins << 2);
    for (let filter = 0; filter < filters; filter++) {
      const at = bank + <usize>filter * 12;
      const first = load<i32>(at), count = load<i32>(at, 4), weights = <usize>load<u32>(at, 8);
      const row = from + (<usize>first << 2);
      let sum = f32x4.splat(0);
      for (let i = 0; i < count; i += 4) {
        const here = <usize>i << 2;
        sum = f32x4.add(sum, f32x4.mul(v128.load(row + here), v128.load(weights + here)));
      }
      const total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
      store<f32>(out + (<usize>(frame * filters + filter) << 2), total);
    }
  }
}

/** x = scale ln(max(x, least) + offset), in place; `count` is filled up to a multiple of four. */
export function logarithm(x: usize, count: i32, scale: f32, least: f32, offset: f32): void {
  const s = f32x4.splat(scale), l = f32x4.splat(least), o = f32x4.splat(offset);
  for (let i = 0; i < count; i += 4) {
    const at = x + (<usize>i << 2);
    v128.store(at, f32x4.mul(s, log4(f32x4.add(f32x4.max(v128.load(at), l), o))));
  }
}
