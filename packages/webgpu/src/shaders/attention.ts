/**
 * @file Scaled dot-product attention (Vaswani et al. 2017, section 3.2) of many heads, forward and backward. Heads lie beside one
 * another in a row, [batch, time, heads * width], as the projections before them give them: nothing is transposed. A workgroup has one
 * query of one head, in the last pass one key; it adds up in one fixed order.
 */
import { bindings, type Shader } from "../dispatch.js";
import { REDUCE } from "./reduce.js";

/** What a shader is made for. */
export interface AttentionShape {
  readonly causal: boolean;
  readonly mask: boolean;
  readonly dropout: boolean;
}

const UNIFORMS = ["batch", "heads", "queries", "keys", "width", "valueWidth", "scale: f32"];

function main(count: string): string {
  return `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) number: vec3u, @builtin(local_invocation_index) thread: u32) {
  let own = id.x + id.y * number.x;
  if (own >= sizes.batch * sizes.heads * sizes.${count}) { return; }
  let pair = own / sizes.${count};
  let row = pair / sizes.heads;
  let head = pair % sizes.heads;`;
}

/** Places: of a query's or a key's numbers of this head, and of its values. */
const PLACES = `
fn queryAt(row: u32, head: u32, i: u32) -> u32 { return ((row * sizes.queries + i) * sizes.heads + head) * sizes.width; }
fn keyAt(row: u32, head: u32, j: u32) -> u32 { return ((row * sizes.keys + j) * sizes.heads + head) * sizes.width; }
fn valueAt(row: u32, head: u32, j: u32) -> u32 { return ((row * sizes.keys + j) * sizes.heads + head) * sizes.valueWidth; }
fn outAt(row: u32, head: u32, i: u32) -> u32 { return ((row * sizes.queries + i) * sizes.heads + head) * sizes.valueWidth; }`;

/**
 * out = dropout(softmax(scale q k^T)) v. Bindings: q, k, v, mask [batch, keys], dropout [batch, heads, queries, keys]; out, and the
 * probabilities [batch, heads, queries, keys]. A query without any key gives zeros.
 */
export function attentionShader({ causal, mask, dropout }: AttentionShape): Shader {
  const inputs = ["q", "k", "v", ...(mask ? ["mask"] : []), ...(dropout ? ["dropout"] : [])];
  const seen = `${causal ? "j <= i" : "true"}${mask ? " && mask[row * sizes.keys + j] != 0" : ""}`;
  const code = `${bindings(inputs, ["out", "probabilities"], UNIFORMS, ["mask"])}
${REDUCE}
${PLACES}
${main("queries")}
  let i = own % sizes.queries;
  let scores = own * sizes.keys;
  let ofQuery = queryAt(row, head, i);
  var largest = -3.0e38;
  var any = 0.0;
  for (var j = thread; j < sizes.keys; j += THREADS) {
    if (!(${seen})) { continue; }
    let ofKey = keyAt(row, head, j);
    var score = 0.0;
    for (var n = 0u; n < sizes.width; n++) { score += q[ofQuery + n] * k[ofKey + n]; }
    score *= sizes.scale;
    probabilities[scores + j] = score;
    largest = max(largest, score);
    any = 1.0;
  }
  largest = maximumOf(thread, largest);
  any = maximumOf(thread, any);
  var part = 0.0;
  for (var j = thread; j < sizes.keys; j += THREADS) {
    var e = 0.0;
    if (${seen}) { e = exp(probabilities[scores + j] - largest); }
    probabilities[scores + j] = e;
    part += e;
  }
  let sum = sumOf(thread, part);
  for (var j = thread; j < sizes.keys; j += THREADS) {
    probabilities[scores + j] = select(0.0, probabilities[scores + j] / sum, any > 0.0);
  }
  storageBarrier();
  for (var n = thread; n < sizes.valueWidth; n += THREADS) {
    var total = 0.0;
    for (var j = 0u; j < sizes.keys; j++) {
      total += probabilities[scores + j]${dropout ? " * dropout[scores + j]" : ""} * v[valueAt(row, head, j) + n];
    }
    out[outAt(row, head, i) + n] = total;
  }
}`;
  return { key: `attention ${causal} ${mask} ${dropout}`, code };
}

/**
 * The gradients by the scores and by the queries. Bindings: dOut, k, v, probabilities, dropout; dScores [batch, heads, queries, keys], dq.
 */
export function attentionQueryShader(dropout: boolean): Shader {
  const inputs = ["dOut", "k", "v", "probabilities", ...(dropout ? ["dropout"] : [])];
  const code = `${bindings(inputs, ["dScores", "dq"], UNIFORMS)}
${REDUCE}
${PLACES}
${main("queries")}
  let i = own % sizes.queries;
  let scores = own * sizes.keys;
  let ofOut = outAt(row, head, i);
  var part = 0.0;
  for (var j = thread; j < sizes.keys; j += THREADS) {
    let ofValue = valueAt(row, head, j);
    var slope = 0.0;
    for (var n = 0u; n < sizes.valueWidth; n++) { slope += dOut[ofOut + n] * v[ofValue + n]; }
    ${dropout ? "slope *= dropout[scores + j];" : ""}
    dScores[scores + j] = slope;
    part += slope * probabilities[scores + j];
  }
  let mean = sumOf(thread, part);
  for (var j = thread; j < sizes.keys; j += THREADS) {
    dScores[scores + j] = probabilities[scores + j] * (dScores[scores + j] - mean) * sizes.scale;
  }
  storageBarrier();
  for (var n = thread; n < sizes.width; n += THREADS) {
    var total = 0.0;
    for (var j = 0u; j < sizes.keys; j++) { total += dScores[scores + j] * k[keyAt(row, head, j) + n]; }
    dq[queryAt(row, head, i) + n] = total;
  }
}`;
  return { key: `attention by queries ${dropout}`, code };
}

/** The gradients by the keys and values. Bindings: dOut, q, dScores, probabilities, dropout; dk, dv. */
export function attentionKeyShader(dropout: boolean): Shader {
  const inputs = ["dOut", "q", "dScores", "probabilities", ...(dropout ? ["dropout"] : [])];
  const code = `${bindings(inputs, ["dk", "dv"], UNIFORMS)}
const THREADS = 64u;
${PLACES}
${main("keys")}
  let j = own % sizes.keys;
  let first = pair * sizes.queries * sizes.keys + j;
  for (var n = thread; n < sizes.width; n += THREADS) {
    var total = 0.0;
    for (var i = 0u; i < sizes.queries; i++) { total += dScores[first + i * sizes.keys] * q[queryAt(row, head, i) + n]; }
    dk[keyAt(row, head, j) + n] = total;
  }
  for (var n = thread; n < sizes.valueWidth; n += THREADS) {
    var total = 0.0;
    for (var i = 0u; i < sizes.queries; i++) {
      let at = first + i * sizes.keys;
      total += probabilities[at]${dropout ? " * dropout[at]" : ""} * dOut[outAt(row, head, i) + n];
    }
    dv[valueAt(row, head, j) + n] = total;
  }
}`;
  return { key: `attention by keys ${dropout}`, code };
}
