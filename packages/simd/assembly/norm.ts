// Normalisation: of each row by its own moments (LayerNorm, RMSNorm), and of each column by those of a batch (BatchNorm).
//
// Sums over rows are taken in groups of so many rows, and the groups are added in order, so no result depends on the threads.
import { integer, number, pointer } from "./args";

/** Rows of one chunk of the normalisation of rows. */
const NORM_ROWS: i32 = 32;
/** Rows of one chunk of the normalisation of columns. */
const BATCH_ROWS: i32 = 128;

// @ts-ignore: decorator
@inline
function total(lanes: v128): f32 {
  return f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3);
}

function rowSum(from: usize, width: i32): f32 {
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= width; i += 4) sums = f32x4.add(sums, v128.load(from + (<usize>i << 2)));
  let sum = total(sums);
  for (; i < width; i++) sum += load<f32>(from + (<usize>i << 2));
  return sum;
}

/** Sum of the squares of what is left of a row when `mean` is taken off. */
function rowSquares(from: usize, width: i32, mean: f32): f32 {
  const centre = f32x4.splat(mean);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    const d = f32x4.sub(v128.load(from + (<usize>i << 2)), centre);
    sums = f32x4.add(sums, f32x4.mul(d, d));
  }
  let sum = total(sums);
  for (; i < width; i++) {
    const d = load<f32>(from + (<usize>i << 2)) - mean;
    sum += d * d;
  }
  return sum;
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) * gamma + beta for each row; without a mean (RMSNorm) the mean is taken as 0.
 * Arguments: 0 x [rows, width], 1 gamma [width], 2 beta [width] or 0, 3 y, 4 moments [rows, 2] (mean, 1 / deviation) or 0,
 * 5 rows, 6 width, 7: 1 centres the rows. Numbers: 0 epsilon.
 */
export function normRows(chunk: i32): void {
  const rows = integer(5), width = integer(6), centred = integer(7) != 0;
  const gamma = pointer(1), beta = pointer(2), moments = pointer(4);
  const end = min((chunk + 1) * NORM_ROWS, rows);
  for (let row = chunk * NORM_ROWS; row < end; row++) {
    const at = <usize>row * <usize>width << 2;
    const from = pointer(0) + at, to = pointer(3) + at;
    const mean: f32 = centred ? rowSum(from, width) / <f32>width : 0;
    const scale: f32 = 1 / sqrt<f32>(rowSquares(from, width, mean) / <f32>width + number(0));
    if (moments != 0) {
      store<f32>(moments + (<usize>row << 3), mean);
      store<f32>(moments + (<usize>row << 3), scale, 4);
    }
    const centre = f32x4.splat(mean), factor = f32x4.splat(scale);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const p = <usize>i << 2;
      const y = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(from + p), centre), factor), v128.load(gamma + p));
      v128.store(to + p, beta == 0 ? y : f32x4.add(y, v128.load(beta + p)));
    }
    for (; i < width; i++) {
      const p = <usize>i << 2;
      const y: f32 = (load<f32>(from + p) - mean) * scale * load<f32>(gamma + p);
      store<f32>(to + p, beta == 0 ? y : y + load<f32>(beta + p));
    }
  }
}

/**
 * The gradient of `normRows`. With g = dy gamma and n = (x - mean) scale: dx = scale (g - [mean of g] - n mean(g n)), the mean of g
 * only where rows were centred; and this group's part of dgamma = sum(dy n) and dbeta = sum(dy).
 * Arguments: 0 dy, 1 x, 2 gamma, 3 moments, 4 dx, 5 parts of dgamma [groups, width], 6 parts of dbeta or 0, 7 rows, 8 width,
 * 9: 1 if rows were centred.
 */
export function normRowsGradient(chunk: i32): void {
  const rows = integer(7), width = integer(8), centred = integer(9) != 0;
  const gamma = pointer(2), moments = pointer(3);
  const partGamma = pointer(5) + (<usize>chunk * <usize>width << 2);
  const partBeta = pointer(6) == 0 ? <usize>0 : pointer(6) + (<usize>chunk * <usize>width << 2);
  memory.fill(partGamma, 0, <usize>width << 2);
  if (partBeta != 0) memory.fill(partBeta, 0, <usize>width << 2);
  const wide = width & ~3;
  const end = min((chunk + 1) * NORM_ROWS, rows);
  for (let row = chunk * NORM_ROWS; row < end; row++) {
    const at = <usize>row * <usize>width << 2;
    const dy = pointer(0) + at, x = pointer(1) + at, dx = pointer(4) + at;
    const mean = load<f32>(moments + (<usize>row << 3)), scale = load<f32>(moments + (<usize>row << 3), 4);
    const centre = f32x4.splat(mean), factor = f32x4.splat(scale);
    let sums = f32x4.splat(0), products = f32x4.splat(0);
    for (let i = 0; i < wide; i += 4) {
      const p = <usize>i << 2;
      const d = v128.load(dy + p);
      const n = f32x4.mul(f32x4.sub(v128.load(x + p), centre), factor);
      const g = f32x4.mul(d, v128.load(gamma + p));
      sums = f32x4.add(sums, g);
      products = f32x4.add(products, f32x4.mul(g, n));
      v128.store(partGamma + p, f32x4.add(v128.load(partGamma + p), f32x4.mul(d, n)));
      if (partBeta != 0) v128.store(partBeta + p, f32x4.add(v128.load(partBeta + p), d));
    }
    let sum = total(sums), productSum = total(products);
    for (let i = wide; i < width; i++) {
      const p = <usize>i << 2;
      const d = load<f32>(dy + p);
      const n: f32 = (load<f32>(x + p) - mean) * scale;
      const g: f32 = d * load<f32>(gamma + p);
      sum += g;
      productSum += g * n;
      store<f32>(partGamma + p, load<f32>(partGamma + p) + d * n);
      if (partBeta != 0) store<f32>(partBeta + p, load<f32>(partBeta + p) + d);
    }
    const a: f32 = centred ? sum / <f32>width : 0, b: f32 = productSum / <f32>width;
    const shift = f32x4.splat(a), slope = f32x4.splat(b);
    for (let i = 0; i < wide; i += 4) {
      const p = <usize>i << 2;
      const n = f32x4.mul(f32x4.sub(v128.load(x + p), centre), factor);
      const g = f32x4.mul(v128.load(dy + p), v128.load(gamma + p));
      v128.store(dx + p, f32x4.mul(factor, f32x4.sub(f32x4.sub(g, shift), f32x4.mul(n, slope))));
    }
    for (let i = wide; i < width; i++) {
      const p = <usize>i << 2;
      const n: f32 = (load<f32>(x + p) - mean) * scale;
      store<f32>(dx + p, scale * (load<f32>(dy + p) * load<f32>(gamma + p) - a - n * b));
    }
  }
}

// @ts-ignore: decorator
@inline
function counts(mask: usize, row: i32): bool {
  return mask == 0 || load<u8>(mask + <usize>row) != 0;
}

/** to += from - centre, or its square, for a row of columns. */
// @ts-ignore: decorator
@inline
function accumulate(to: usize, from: usize, centre: usize, columns: i32): void {
  let i = 0;
  for (; i + 4 <= columns; i += 4) {
    const p = <usize>i << 2;
    let value = v128.load(from + p);
    if (centre != 0) {
      value = f32x4.sub(value, v128.load(centre + p));
      value = f32x4.mul(value, value);
    }
    v128.store(to + p, f32x4.add(v128.load(to + p), value));
  }
  for (; i < columns; i++) {
    const p = <usize>i << 2;
    let value = load<f32>(from + p);
    if (centre != 0) {
      value -= load<f32>(centre + p);
      value *= value;
    }
    store<f32>(to + p, load<f32>(to + p) + value);
  }
}

/**
 * Mean and sum of squared deviations of the columns of one group of rows, of those that a mask counts.
 * Arguments: 0 x [rows, columns], 1 mask [rows] (bytes) or 0, 2 means [groups, columns], 3 squares [groups, columns],
 * 4 rows, 5 columns.
 */
export function columnMoments(chunk: i32): void {
  const columns = integer(5), bytes = <usize>columns << 2, mask = pointer(1);
  const means = pointer(2) + <usize>chunk * bytes, squares = pointer(3) + <usize>chunk * bytes;
  const start = chunk * BATCH_ROWS, end = min(start + BATCH_ROWS, integer(4));
  memory.fill(means, 0, bytes);
  memory.fill(squares, 0, bytes);
  let count = 0;
  for (let row = start; row < end; row++) {
    if (!counts(mask, row)) continue;
    count++;
    accumulate(means, pointer(0) + <usize>row * bytes, 0, columns);
  }
  if (count == 0) return;
  for (let i = 0; i < columns; i++) store<f32>(means + (<usize>i << 2), load<f32>(means + (<usize>i << 2)) / <f32>count);
  for (let row = start; row < end; row++) {
    if (counts(mask, row)) accumulate(squares, pointer(0) + <usize>row * bytes, means, columns);
  }
}

/**
 * y = a p + b (q - m) + c with a, b, m, c for each column; rows that a mask leaves out get a p alone.
 * Arguments: 0 p [rows, columns] or 0, 1 a, 2 q [rows, columns], 3 b, 4 m, 5 c, 6 mask [rows] (bytes) or 0, 7 y, 8 rows, 9 columns.
 */
export function columnsLine(chunk: i32): void {
  const columns = integer(9), bytes = <usize>columns << 2, mask = pointer(6);
  const a = pointer(1), b = pointer(3), m = pointer(4), c = pointer(5);
  const end = min((chunk + 1) * BATCH_ROWS, integer(8));
  for (let row = chunk * BATCH_ROWS; row < end; row++) {
    const p = pointer(0) == 0 ? <usize>0 : pointer(0) + <usize>row * bytes;
    const q = pointer(2) + <usize>row * bytes, y = pointer(7) + <usize>row * bytes;
    const whole = counts(mask, row);
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      const at = <usize>i << 2;
      let value = p == 0 ? f32x4.splat(0) : f32x4.mul(v128.load(p + at), v128.load(a + at));
      if (whole) {
        const line = f32x4.mul(f32x4.sub(v128.load(q + at), v128.load(m + at)), v128.load(b + at));
        value = f32x4.add(value, f32x4.add(line, v128.load(c + at)));
      }
      v128.store(y + at, value);
    }
    for (; i < columns; i++) {
      const at = <usize>i << 2;
      let value: f32 = p == 0 ? 0 : load<f32>(p + at) * load<f32>(a + at);
      if (whole) value += (load<f32>(q + at) - load<f32>(m + at)) * load<f32>(b + at) + load<f32>(c + at);
      store<f32>(y + at, value);
    }
  }
}

/**
 * Parts of sum(dy) and sum(dy (x - mean)) of one group of rows, for each column.
 * Arguments: 0 dy [rows, columns], 1 x, 2 mean [columns], 3 sums [groups, columns], 4 products [groups, columns], 5 rows, 6 columns.
 */
export function columnsGradient(chunk: i32): void {
  const columns = integer(6), bytes = <usize>columns << 2, mean = pointer(2);
  const sums = pointer(3) + <usize>chunk * bytes, products = pointer(4) + <usize>chunk * bytes;
  memory.fill(sums, 0, bytes);
  memory.fill(products, 0, bytes);
  const end = min((chunk + 1) * BATCH_ROWS, integer(5));
  for (let row = chunk * BATCH_ROWS; row < end; row++) {
    const dy = pointer(0) + <usize>row * bytes, x = pointer(1) + <usize>row * bytes;
    let i = 0;
    for (; i + 4 <= columns; i += 4) {
      const at = <usize>i << 2;
      const d = v128.load(dy + at);
      v128.store(sums + at, f32x4.add(v128.load(sums + at), d));
      const product = f32x4.mul(d, f32x4.sub(v128.load(x + at), v128.load(mean + at)));
      v128.store(products + at, f32x4.add(v128.load(products + at), product));
    }
    for (; i < columns; i++) {
      const at = <usize>i << 2;
      const d = load<f32>(dy + at);
      store<f32>(sums + at, load<f32>(sums + at) + d);
      store<f32>(products + at, load<f32>(products + at) + d * (load<f32>(x + at) - load<f32>(mean + at)));
    }
  }
}
