import { bindings, type Shader } from "../dispatch.js";
import { REDUCE, ROW_THREADS } from "./reduce.js";

/**
 * Softmax cross-entropy with integer labels, smoothed: targets are (1 - s) at the label plus s / count everywhere.
 * loss = weight (log sum e^z - (1 - s) z_label - s mean z); kept = weight (probabilities - targets). Rows of weight 0 give 0, and a
 * label outside [0, count) NaN, as there is no right answer to it.
 *
 * Bindings: logits [rows, count], labels [rows], weights [rows] if there are; losses [rows], kept [rows, count].
 * Uniforms: rows, count, smoothing.
 */
export function crossEntropyShader(weighted: boolean): Shader {
  const inputs = ["logits", "labels", ...(weighted ? ["weights"] : [])];
  const code = `${bindings(inputs, ["losses", "kept"], ["rows", "count", "smoothing: f32"], ["labels"])}
${REDUCE}
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) number: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = id.x + id.y * number.x;
  if (row >= sizes.rows) { return; }
  let begin = row * sizes.count;
  let weight = ${weighted ? "weights[row]" : "1.0"};
  var largest = logits[begin];
  var total = 0.0;
  for (var i = thread; i < sizes.count; i += THREADS) { largest = max(largest, logits[begin + i]); }
  largest = maximumOf(thread, largest);
  var sum = 0.0;
  for (var i = thread; i < sizes.count; i += THREADS) {
    sum += exp(logits[begin + i] - largest);
    total += largest - logits[begin + i];
  }
  sum = sumOf(thread, sum);
  total = sumOf(thread, total);
  let label = labels[row];
  let known = label >= 0 && label < i32(sizes.count);
  let share = sizes.smoothing / f32(sizes.count);
  for (var i = thread; i < sizes.count; i += THREADS) {
    let hit = select(0.0, 1.0 - sizes.smoothing, i32(i) == label);
    let slope = (exp(logits[begin + i] - largest) / sum - (hit + share)) * weight;
    kept[begin + i] = select(slope, 0.0, weight == 0.0);
  }
  if (thread == 0u) {
    let right = logits[begin + u32(clamp(label, 0, i32(sizes.count) - 1))];
    var loss = log(sum) + (1.0 - sizes.smoothing) * (largest - right) + share * total;
    if (!known) { loss = bitcast<f32>(sizes.rows * 0u + 0x7fc00000u); }
    losses[row] = select(loss * weight, 0.0, weight == 0.0);
  }
}`;
  return { key: `cross entropy ${weighted}`, code };
}

const ROW_MAIN = `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) number: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = id.x + id.y * number.x;
  if (row >= sizes.rows) { return; }
  let begin = row * sizes.count;
  let share = 1.0 / f32(sizes.count);`;

/** A normalisation of rows: with the mean taken off first (LayerNorm) or not (RMSNorm), with a shift or without. */
export interface NormShape {
  readonly centred: boolean;
  readonly shifted: boolean;
  /** The moments of each row are written down. */
  readonly keep: boolean;
}

/**
 * y = (x - mean) / sqrt(variance + epsilon) gamma + beta, each row by itself. Bindings: x [rows, count], gamma [count], beta [count] if
 * there is one; y [rows, count], moments [rows, 2] (mean, 1 / deviation) if they are kept. Uniforms: rows, count, epsilon.
 */
export function normShader({ centred, shifted, keep }: NormShape): Shader {
  const inputs = ["x", "gamma", ...(shifted ? ["beta"] : [])];
  const code = `${bindings(inputs, keep ? ["y", "moments"] : ["y"], ["rows", "count", "epsilon: f32"])}
${REDUCE}
${ROW_MAIN}
  var part = 0.0;
  ${centred ? "for (var i = thread; i < sizes.count; i += THREADS) { part += x[begin + i]; }" : ""}
  let mean = ${centred ? "sumOf(thread, part) * share" : "0.0"};
  part = 0.0;
  for (var i = thread; i < sizes.count; i += THREADS) { let d = x[begin + i] - mean; part += d * d; }
  let inverse = 1.0 / sqrt(sumOf(thread, part) * share + sizes.epsilon);
  for (var i = thread; i < sizes.count; i += THREADS) {
    y[begin + i] = (x[begin + i] - mean) * inverse * gamma[i]${shifted ? " + beta[i]" : ""};
  }
  ${keep ? "if (thread == 0u) { moments[2u * row] = mean; moments[2u * row + 1u] = inverse; }" : ""}
}`;
  return { key: `norm ${centred} ${shifted} ${keep}`, code };
}

/** The gradient by x. Bindings: dy, x, gamma, moments; dx. Uniforms: rows, count. */
export function normGradientShader(centred: boolean): Shader {
  const code = `${bindings(["dy", "x", "gamma", "moments"], ["dx"], ["rows", "count"])}
${REDUCE}
${ROW_MAIN}
  let mean = moments[2u * row];
  let inverse = moments[2u * row + 1u];
  var sum = 0.0;
  var product = 0.0;
  for (var i = thread; i < sizes.count; i += THREADS) {
    let g = dy[begin + i] * gamma[i];
    sum += g;
    product += g * (x[begin + i] - mean) * inverse;
  }
  let meanProduct = sumOf(thread, product) * share;
  let meanSum = ${centred ? "sumOf(thread, sum) * share" : "0.0"};
  for (var i = thread; i < sizes.count; i += THREADS) {
    let scaled = (x[begin + i] - mean) * inverse;
    dx[begin + i] = inverse * (dy[begin + i] * gamma[i] - meanSum - scaled * meanProduct);
  }
}`;
  return { key: `norm gradient ${centred}`, code };
}

/** The gradients by gamma and beta: a thread has a column, and adds its rows in their order. Bindings: dy, x, moments; dGamma, dBeta. */
export const NORM_PARAMETERS: Shader = {
  key: "norm parameters",
  code: `${bindings(["dy", "x", "moments"], ["dGamma", "dBeta"], ["rows", "count"])}
@compute @workgroup_size(${ROW_THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  if (column >= sizes.count) { return; }
  var scale = 0.0;
  var shift = 0.0;
  for (var row = 0u; row < sizes.rows; row++) {
    let at = row * sizes.count + column;
    scale += dy[at] * (x[at] - moments[2u * row]) * moments[2u * row + 1u];
    shift += dy[at];
  }
  dGamma[column] = scale;
  dBeta[column] = shift;
}`,
};

/** Columns of a workgroup of {@link NORM_PARAMETERS}. */
export const COLUMNS = ROW_THREADS;
