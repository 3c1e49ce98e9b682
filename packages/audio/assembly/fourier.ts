/**
 * @file The complex discrete Fourier transform of any length with factors 2, 3 and 5, by Stockham's method: it needs no
 * reordering, and from its second pass on four neighbouring numbers go through the same butterfly, one vector.
 *
 * Real and imaginary parts are arrays of their own. A plan, written by the host, is: i32 number of passes, then for each
 * pass i32 radix, i32 m = length / radix, i32 stride, i32 pointer to the twiddle factors. The factors of a pass are, for
 * j = 1 … radix - 1, m real parts and then m imaginary parts of e^(-2 pi i j p / (m radix)).
 */

const HALF_ROOT_3: f32 = 0.86602540378443865;
const COS_1: f32 = 0.30901699437494742; // cos 2 pi / 5
const COS_2: f32 = -0.80901699437494742; // cos 4 pi / 5
const SIN_1: f32 = 0.95105651629515357;
const SIN_2: f32 = 0.58778525229247313;

/** What a transform left its result in: the arrays that it was given, or the spare ones. */
export let real: usize = 0;
export let imaginary: usize = 0;

/** Transforms `xr`, `xi`; `yr`, `yi` are as long and are overwritten. The result is in `real` and `imaginary`. */
export function transform(plan: usize, xr: usize, xi: usize, yr: usize, yi: usize): void {
  const passes = load<i32>(plan);
  for (let pass = 0; pass < passes; pass++) {
    const at = plan + 4 + (<usize>pass << 4);
    const radix = load<i32>(at), m = load<i32>(at, 4), stride = load<i32>(at, 8), twiddles = <usize>load<u32>(at, 12);
    if (radix == 4) pass4(xr, xi, yr, yi, m, stride, twiddles);
    else if (radix == 2) pass2(xr, xi, yr, yi, m, stride, twiddles);
    else if (radix == 3) pass3(xr, xi, yr, yi, m, stride, twiddles);
    else pass5(xr, xi, yr, yi, m, stride, twiddles);
    let swap = xr;
    xr = yr, yr = swap;
    swap = xi;
    xi = yi, yi = swap;
  }
  real = xr;
  imaginary = xi;
}

// @ts-ignore: decorator
@inline
function splat(at: usize): v128 {
  return v128.load32_splat(at);
}

// @ts-ignore: decorator
@inline
function timesReal(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f32x4.sub(f32x4.mul(ar, br), f32x4.mul(ai, bi));
}

// @ts-ignore: decorator
@inline
function timesImaginary(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f32x4.add(f32x4.mul(ar, bi), f32x4.mul(ai, br));
}

/** Stores four vectors as the columns of a 4 by 4 block: what the butterflies p … p + 3 of the first pass give, in order. */
// @ts-ignore: decorator
@inline
function storeTransposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 48);
}

function pass4(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, stride: i32, twiddles: usize): void {
  const quarter = <usize>m * <usize>stride << 2; // bytes between the four numbers of a butterfly
  const step = <usize>m << 2;
  const out = <usize>stride << 2;
  if (stride == 1) {
    let p = 0;
    for (; p + 4 <= m; p += 4) {
      const at = <usize>p << 2, w = twiddles + at;
      const ar = v128.load(xr + at), ai = v128.load(xi + at);
      const br = v128.load(xr + at + quarter), bi = v128.load(xi + at + quarter);
      const cr = v128.load(xr + at + 2 * quarter), ci = v128.load(xi + at + 2 * quarter);
      const dr = v128.load(xr + at + 3 * quarter), di = v128.load(xi + at + 3 * quarter);
      const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
      const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
      const w1r = v128.load(w), w1i = v128.load(w + step);
      const w2r = v128.load(w + 2 * step), w2i = v128.load(w + 3 * step);
      const w3r = v128.load(w + 4 * step), w3i = v128.load(w + 5 * step);
      const fr = f32x4.add(tr, vi), fi = f32x4.sub(ti, vr);
      const gr = f32x4.sub(sr, ur), gi = f32x4.sub(si, ui);
      const hr = f32x4.sub(tr, vi), hi = f32x4.add(ti, vr);
      const to = <usize>p << 4;
      storeTransposed(
        yr + to, f32x4.add(sr, ur), timesReal(fr, fi, w1r, w1i), timesReal(gr, gi, w2r, w2i), timesReal(hr, hi, w3r, w3i),
      );
      storeTransposed(
        yi + to, f32x4.add(si, ui), timesImaginary(fr, fi, w1r, w1i), timesImaginary(gr, gi, w2r, w2i), timesImaginary(hr, hi, w3r, w3i),
      );
    }
    for (; p < m; p++) butterfly4(xr, xi, yr, yi, p, 0, m, 1, twiddles);
    return;
  }
  for (let p = 0; p < m; p++) {
    const w = twiddles + (<usize>p << 2);
    const w1r = splat(w), w1i = splat(w + step), w2r = splat(w + 2 * step), w2i = splat(w + 3 * step);
    const w3r = splat(w + 4 * step), w3i = splat(w + 5 * step);
    const row = <usize>p * out;
    let q = 0;
    for (; q + 4 <= stride; q += 4) {
      const at = row + (<usize>q << 2);
      const ar = v128.load(xr + at), ai = v128.load(xi + at);
      const br = v128.load(xr + at + quarter), bi = v128.load(xi + at + quarter);
      const cr = v128.load(xr + at + 2 * quarter), ci = v128.load(xi + at + 2 * quarter);
      const dr = v128.load(xr + at + 3 * quarter), di = v128.load(xi + at + 3 * quarter);
      const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci), tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
      const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di), vr = f32x4.sub(br, dr), vi = f32x4.sub(bi, di);
      const fr = f32x4.add(tr, vi), fi = f32x4.sub(ti, vr);
      const gr = f32x4.sub(sr, ur), gi = f32x4.sub(si, ui);
      const hr = f32x4.sub(tr, vi), hi = f32x4.add(ti, vr);
      const to = (row << 2) + (<usize>q << 2);
      v128.store(yr + to, f32x4.add(sr, ur));
      v128.store(yi + to, f32x4.add(si, ui));
      v128.store(yr + to + out, timesReal(fr, fi, w1r, w1i));
      v128.store(yi + to + out, timesImaginary(fr, fi, w1r, w1i));
      v128.store(yr + to + 2 * out, timesReal(gr, gi, w2r, w2i));
      v128.store(yi + to + 2 * out, timesImaginary(gr, gi, w2r, w2i));
      v128.store(yr + to + 3 * out, timesReal(hr, hi, w3r, w3i));
      v128.store(yi + to + 3 * out, timesImaginary(hr, hi, w3r, w3i));
    }
    for (; q < stride; q++) butterfly4(xr, xi, yr, yi, p, q, m, stride, twiddles);
  }
}

/** One butterfly of radix 4, for what four lanes leave over. */
function butterfly4(xr: usize, xi: usize, yr: usize, yi: usize, p: i32, q: i32, m: i32, stride: i32, twiddles: usize): void {
  const at = <usize>(p * stride + q) << 2, quarter = <usize>(m * stride) << 2;
  const ar = load<f32>(xr + at), ai = load<f32>(xi + at);
  const br = load<f32>(xr + at + quarter), bi = load<f32>(xi + at + quarter);
  const cr = load<f32>(xr + at + 2 * quarter), ci = load<f32>(xi + at + 2 * quarter);
  const dr = load<f32>(xr + at + 3 * quarter), di = load<f32>(xi + at + 3 * quarter);
  const sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
  const ur = br + dr, ui = bi + di, vr = br - dr, vi = bi - di;
  const to = <usize>(4 * p * stride + q) << 2, out = <usize>stride << 2;
  store<f32>(yr + to, sr + ur);
  store<f32>(yi + to, si + ui);
  put(yr + to + out, yi + to + out, tr + vi, ti - vr, twiddles, 0, m, p);
  put(yr + to + 2 * out, yi + to + 2 * out, sr - ur, si - ui, twiddles, 1, m, p);
  put(yr + to + 3 * out, yi + to + 3 * out, tr - vi, ti + vr, twiddles, 2, m, p);
}

/** Stores a number times the factor j + 1 of p. */
// @ts-ignore: decorator
@inline
function put(toReal: usize, toImaginary: usize, r: f32, i: f32, twiddles: usize, j: i32, m: i32, p: i32): void {
  const wr = load<f32>(twiddles + (<usize>(2 * j * m + p) << 2));
  const wi = load<f32>(twiddles + (<usize>((2 * j + 1) * m + p) << 2));
  store<f32>(toReal, r * wr - i * wi);
  store<f32>(toImaginary, r * wi + i * wr);
}

function pass2(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, stride: i32, twiddles: usize): void {
  const half = <usize>(m * stride) << 2, out = <usize>stride << 2;
  for (let p = 0; p < m; p++) {
    const wr = load<f32>(twiddles + (<usize>p << 2)), wi = load<f32>(twiddles + (<usize>(m + p) << 2));
    const wr4 = f32x4.splat(wr), wi4 = f32x4.splat(wi);
    let at = <usize>(p * stride) << 2, to = at << 1;
    let q = 0;
    for (; q + 4 <= stride; q += 4, at += 16, to += 16) {
      const ar = v128.load(xr + at), ai = v128.load(xi + at), br = v128.load(xr + at + half), bi = v128.load(xi + at + half);
      const dr = f32x4.sub(ar, br), di = f32x4.sub(ai, bi);
      v128.store(yr + to, f32x4.add(ar, br));
      v128.store(yi + to, f32x4.add(ai, bi));
      v128.store(yr + to + out, timesReal(dr, di, wr4, wi4));
      v128.store(yi + to + out, timesImaginary(dr, di, wr4, wi4));
    }
    for (; q < stride; q++, at += 4, to += 4) {
      const ar = load<f32>(xr + at), ai = load<f32>(xi + at), br = load<f32>(xr + at + half), bi = load<f32>(xi + at + half);
      store<f32>(yr + to, ar + br);
      store<f32>(yi + to, ai + bi);
      put(yr + to + out, yi + to + out, ar - br, ai - bi, twiddles, 0, m, p);
    }
  }
}

/** Radix 3, four butterflies at a time; what is left over goes through the same vectors, one lane of which counts. */
function pass3(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, stride: i32, twiddles: usize): void {
  const third = <usize>(m * stride) << 2, out = <usize>stride << 2, step = <usize>m << 2;
  const half = f32x4.splat(0.5), root = f32x4.splat(HALF_ROOT_3);
  for (let p = 0; p < m; p++) {
    const w = twiddles + (<usize>p << 2);
    const w1r = splat(w), w1i = splat(w + step), w2r = splat(w + 2 * step), w2i = splat(w + 3 * step);
    let at = <usize>(p * stride) << 2, to = <usize>(3 * p * stride) << 2;
    for (let q = 0; q < stride; ) {
      const whole = q + 4 <= stride;
      const ar = take(xr + at, whole), ai = take(xi + at, whole);
      const br = take(xr + at + third, whole), bi = take(xi + at + third, whole);
      const cr = take(xr + at + 2 * third, whole), ci = take(xi + at + 2 * third, whole);
      const sr = f32x4.add(br, cr), si = f32x4.add(bi, ci);
      const tr = f32x4.sub(ar, f32x4.mul(half, sr)), ti = f32x4.sub(ai, f32x4.mul(half, si));
      const ur = f32x4.mul(root, f32x4.sub(br, cr)), ui = f32x4.mul(root, f32x4.sub(bi, ci));
      const fr = f32x4.add(tr, ui), fi = f32x4.sub(ti, ur), gr = f32x4.sub(tr, ui), gi = f32x4.add(ti, ur);
      give(yr + to, f32x4.add(ar, sr), whole);
      give(yi + to, f32x4.add(ai, si), whole);
      give(yr + to + out, timesReal(fr, fi, w1r, w1i), whole);
      give(yi + to + out, timesImaginary(fr, fi, w1r, w1i), whole);
      give(yr + to + 2 * out, timesReal(gr, gi, w2r, w2i), whole);
      give(yi + to + 2 * out, timesImaginary(gr, gi, w2r, w2i), whole);
      const done = whole ? 4 : 1;
      q += done, at += <usize>done << 2, to += <usize>done << 2;
    }
  }
}

/** Radix 5, as radix 3. */
function pass5(xr: usize, xi: usize, yr: usize, yi: usize, m: i32, stride: i32, twiddles: usize): void {
  const fifth = <usize>(m * stride) << 2, out = <usize>stride << 2, step = <usize>m << 2;
  const c1 = f32x4.splat(COS_1), c2 = f32x4.splat(COS_2), s1 = f32x4.splat(SIN_1), s2 = f32x4.splat(SIN_2);
  for (let p = 0; p < m; p++) {
    const w = twiddles + (<usize>p << 2);
    let at = <usize>(p * stride) << 2, to = <usize>(5 * p * stride) << 2;
    for (let q = 0; q < stride; ) {
      const whole = q + 4 <= stride;
      const ar = take(xr + at, whole), ai = take(xi + at, whole);
      const br = take(xr + at + fifth, whole), bi = take(xi + at + fifth, whole);
      const cr = take(xr + at + 2 * fifth, whole), ci = take(xi + at + 2 * fifth, whole);
      const dr = take(xr + at + 3 * fifth, whole), di = take(xi + at + 3 * fifth, whole);
      const er = take(xr + at + 4 * fifth, whole), ei = take(xi + at + 4 * fifth, whole);
      const pr = f32x4.add(br, er), pi = f32x4.add(bi, ei), mr = f32x4.sub(br, er), mi = f32x4.sub(bi, ei);
      const nr = f32x4.add(cr, dr), ni = f32x4.add(ci, di), kr = f32x4.sub(cr, dr), ki = f32x4.sub(ci, di);
      give(yr + to, f32x4.add(ar, f32x4.add(pr, nr)), whole);
      give(yi + to, f32x4.add(ai, f32x4.add(pi, ni)), whole);
      const t1r = f32x4.add(ar, f32x4.add(f32x4.mul(c1, pr), f32x4.mul(c2, nr)));
      const t1i = f32x4.add(ai, f32x4.add(f32x4.mul(c1, pi), f32x4.mul(c2, ni)));
      const t2r = f32x4.add(ar, f32x4.add(f32x4.mul(c2, pr), f32x4.mul(c1, nr)));
      const t2i = f32x4.add(ai, f32x4.add(f32x4.mul(c2, pi), f32x4.mul(c1, ni)));
      const u1r = f32x4.add(f32x4.mul(s1, mr), f32x4.mul(s2, kr)), u1i = f32x4.add(f32x4.mul(s1, mi), f32x4.mul(s2, ki));
      const u2r = f32x4.sub(f32x4.mul(s2, mr), f32x4.mul(s1, kr)), u2i = f32x4.sub(f32x4.mul(s2, mi), f32x4.mul(s1, ki));
      turned(yr + to + out, yi + to + out, f32x4.add(t1r, u1i), f32x4.sub(t1i, u1r), w, 0, step, whole);
      turned(yr + to + 2 * out, yi + to + 2 * out, f32x4.add(t2r, u2i), f32x4.sub(t2i, u2r), w, 1, step, whole);
      turned(yr + to + 3 * out, yi + to + 3 * out, f32x4.sub(t2r, u2i), f32x4.add(t2i, u2r), w, 2, step, whole);
      turned(yr + to + 4 * out, yi + to + 4 * out, f32x4.sub(t1r, u1i), f32x4.add(t1i, u1r), w, 3, step, whole);
      const done = whole ? 4 : 1;
      q += done, at += <usize>done << 2, to += <usize>done << 2;
    }
  }
}

// @ts-ignore: decorator
@inline
function turned(toReal: usize, toImaginary: usize, r: v128, i: v128, w: usize, j: usize, step: usize, whole: bool): void {
  const wr = splat(w + 2 * j * step), wi = splat(w + (2 * j + 1) * step);
  give(toReal, timesReal(r, i, wr, wi), whole);
  give(toImaginary, timesImaginary(r, i, wr, wi), whole);
}

// @ts-ignore: decorator
@inline
function take(at: usize, whole: bool): v128 {
  return whole ? v128.load(at) : v128.load32_zero(at);
}

// @ts-ignore: decorator
@inline
function give(at: usize, value: v128, whole: bool): void {
  if (whole) v128.store(at, value);
  else v128.store32_lane(at, value, 0);
}
