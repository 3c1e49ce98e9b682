/** Threads of a workgroup that works on one row. */
export const ROW_THREADS = 64;

/** Threads of a workgroup work on one row together; what they find is put together in one fixed order. */
export const REDUCE = `
const THREADS = ${ROW_THREADS}u;
var<workgroup> parts: array<f32, ${ROW_THREADS}>;
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
