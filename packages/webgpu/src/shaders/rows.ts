import { bindings, type Shader } from "../dispatch.js";

const THREADS = 64;

/** Threads of a workgroup work on one row together; what they find is put together in one fixed order. */
const REDUCE = `
const THREADS = ${THREADS}u;
var<workgroup> parts: array<f32, ${THREADS}>;
fn sumOf(thread: u32, part: f32) -> f32 {
  workgroupBarrier();
  parts[thread] = part;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) { parts[thread] += parts[thread + half]; }
    workgroupBarrier();
  }
  return parts[0];
}
fn maximumOf(thread: u32, part: f32) -> f32 {
  workgroupBarrier();
  parts[thread] = part;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) { parts[thread] = max(parts[thread], parts[thread + half]); }
    workgroupBarrier();
  }
  return parts[0];
}`;

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
