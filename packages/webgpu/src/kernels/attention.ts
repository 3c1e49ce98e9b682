import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { GpuBackend, Reserve } from "../backend.js";
import { dispatch, type Uniform } from "../dispatch.js";
import { attentionKeyShader, attentionQueryShader, attentionShader } from "../shaders/attention.js";
import { defineKernel, type Inputs, release, required } from "./define.js";

/** Attributes of the kernel `SeqloomAttention`. */
interface AttentionAttributes {
  readonly heads: number;
  /** Multiplies the scores. */
  readonly scale: number;
  /** Query i sees the keys 0 to i. */
  readonly causal: boolean;
  /** Keep what the gradient needs. */
  readonly keep: boolean;
}

/** What the gradient of one call needs: probabilities and factors of dropout, [batch, heads, queries, keys]. */
interface AttentionReserve extends Reserve {
  readonly probabilities: TensorInfo;
  readonly dropout: TensorInfo | undefined;
}

/** The uniforms of all passes, and how many queries and keys of heads there are. */
function sizesOf(query: TensorInfo, value: TensorInfo, { heads, scale }: AttentionAttributes) {
  const [batch = 0, queries = 0, widths = 0] = query.shape;
  const [, keys = 0, valueWidths = 0] = value.shape;
  const uniforms: Uniform[] = [batch, heads, queries, keys, widths / heads, valueWidths / heads, { float: scale }];
  return {
    uniforms,
    batch,
    queries,
    keys,
    valueWidths,
    ofQueries: batch * heads * queries,
    ofKeys: batch * heads * keys,
  };
}

function forward(backend: GpuBackend, inputs: Inputs, attributes: AttentionAttributes): TensorInfo[] {
  const [query, key, value] = [required(inputs, "query"), required(inputs, "key"), required(inputs, "value")];
  const { mask, dropout } = inputs;
  const { causal, keep, heads } = attributes;
  const { uniforms, batch, queries, keys, valueWidths, ofQueries } = sizesOf(query, value, attributes);
  const out = backend.makeTensorInfo([batch, queries, valueWidths], "float32");
  const probabilities = backend.makeTensorInfo([batch, heads, queries, keys], "float32");
  dispatch(backend, {
    shader: attentionShader({ causal, mask: mask !== undefined, dropout: dropout !== undefined }),
    inputs: [query, key, value, mask, dropout].filter((info) => info !== undefined),
    outputs: [out, probabilities],
    uniforms,
    workgroups: ofQueries,
  });
  if (!keep) {
    release(backend, probabilities);
    return [out];
  }
  // The tape disposes of the factors that were made on the way; here they stay as long as the handle does.
  if (dropout !== undefined) backend.incRef(dropout.dataId);
  const tensors = dropout === undefined ? [probabilities] : [probabilities, dropout];
  const reserve: AttentionReserve = { tensors, probabilities, dropout };
  return [out, backend.handle(reserve)];
}

/** Gradients by query, key and value. */
function backward(backend: GpuBackend, inputs: Inputs, attributes: AttentionAttributes): TensorInfo[] {
  const [query, key, value] = [required(inputs, "query"), required(inputs, "key"), required(inputs, "value")];
  const dOut = required(inputs, "dy");
  const { probabilities, dropout } = backend.reserveOf(required(inputs, "handle")) as AttentionReserve;
  const { uniforms, ofQueries, ofKeys } = sizesOf(query, value, attributes);
  const [dq, dk, dv] = [query, key, value].map(({ shape }) => backend.makeTensorInfo(shape, "float32")) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const dScores = backend.makeTensorInfo(probabilities.shape, "float32");
  const factors = dropout === undefined ? [] : [dropout];
  dispatch(backend, {
    shader: attentionQueryShader(dropout !== undefined),
    inputs: [dOut, key, value, probabilities, ...factors],
    outputs: [dScores, dq],
    uniforms,
    workgroups: ofQueries,
  });
  dispatch(backend, {
    shader: attentionKeyShader(dropout !== undefined),
    inputs: [dOut, query, dScores, probabilities, ...factors],
    outputs: [dk, dv],
    uniforms,
    workgroups: ofKeys,
  });
  release(backend, dScores);
  return [dq, dk, dv];
}

/** Registers scaled dot-product attention and its gradient. */
export function registerAttention(): void {
  defineKernel<AttentionAttributes>("SeqloomAttention", forward);
  defineKernel<AttentionAttributes>("SeqloomAttentionGrad", backward);
}
