// Gradients of convolutions where most of dy is 0, as it is behind a maximum pooling: only what is not 0 is worked on.
// Arguments are those of conv-patches.ts, for the geometry of the forward pass.
import { ceilDivide, integer, pointer } from "./args";
import { addScaled, addToPatch, clear, directPatch, fillPatches } from "./conv-patches";

const STRIP: i32 = 16; // columns of dy of one chunk of the gradient by the kernel: a cache line

/**
 * The gradient by the kernel for one strip of columns and one group of places.
 * Arguments: 0 source, 1 dy [places, N], 2 sums [groups][strips][STRIP][K], 3 scratch of K numbers for each chunk.
 */
export function sparseFilterGradient(chunk: i32): void {
  const source = pointer(0);
  const places = integer(4), n = integer(5), k = integer(6), groups = integer(25), direct = integer(26) != 0;
  const strips = ceilDivide(n, STRIP), group = chunk / strips, column0 = (chunk % strips) * STRIP;
  const columns = n - column0 < STRIP ? n - column0 : STRIP;
  const sums = pointer(2) + (<usize>chunk * STRIP * <usize>k << 2);
  const scratch = pointer(3) + (<usize>chunk * <usize>k << 2);
  clear(sums, STRIP * k);
  const end = <i32>((<i64>places * (group + 1)) / groups);
  for (let place = <i32>((<i64>places * group) / groups); place < end; place++) {
    const line = pointer(1) + (<usize>place * <usize>n + <usize>column0 << 2);
    if (columns == STRIP) {
      const low = v128.or(v128.load(line), v128.load(line, 16)), high = v128.or(v128.load(line, 32), v128.load(line, 48));
      if (!v128.any_true(v128.or(low, high))) continue;
    }
    let patch: usize = 0;
    for (let i = 0; i < columns; i++) {
      const factor = load<f32>(line + (<usize>i << 2));
      if (factor == 0) continue;
      if (patch == 0) {
        patch = direct ? directPatch(place, source) : scratch;
        if (!direct) fillPatches(place, 1, 0, k, source, scratch, 0);
      }
      addScaled(sums + (<usize>(i * k) << 2), patch, factor, k);
    }
  }
}

/** Adds up the groups of a strip and transposes it into [K, N]. Arguments: 0 sums, 1 target, 4 places, 5 N, 6 K, 25 groups. */
export function foldStrip(strip: i32): void {
  const n = integer(5), k = integer(6), groups = integer(25), strips = ceilDivide(n, STRIP);
  const columns = n - strip * STRIP < STRIP ? n - strip * STRIP : STRIP;
  const step = <usize>(strips * STRIP * k) << 2;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < k; j++) {
      let from = pointer(0) + (<usize>((strip * STRIP + i) * k + j) << 2);
      let sum: f32 = 0;
      for (let group = 0; group < groups; group++, from += step) sum += load<f32>(from);
      store<f32>(pointer(1) + (<usize>(j * n + strip * STRIP + i) << 2), sum);
    }
  }
}

/** The gradient by the input of one image. Arguments: 0 target [batch, H, W, C], 1 dy [places, N], 2 kernel transposed [N, K]. */
export function sparseInputGradient(image: i32): void {
  const target = pointer(0), n = integer(5), k = integer(6);
  const size = integer(10) * integer(11) * integer(12), perImage = integer(8) * integer(9);
  clear(target + (<usize>image * <usize>size << 2), size);
  const end = (image + 1) * perImage;
  for (let place = image * perImage; place < end; place++) {
    const line = pointer(1) + (<usize>place * <usize>n << 2);
    let i = 0;
    while (i < n) {
      if (i + 4 <= n && !v128.any_true(v128.load(line + (<usize>i << 2)))) {
        i += 4;
        continue;
      }
      const factor = load<f32>(line + (<usize>i << 2));
      if (factor != 0) addToPatch(place, k, target, pointer(2) + (<usize>(i * k) << 2), factor);
      i++;
    }
  }
}
