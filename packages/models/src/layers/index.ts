import { z } from "zod";
import { choice, chosen } from "../params/choice.js";
import { activation } from "./activation.js";
import { attentionPooling } from "./attention-pooling.js";
import { averagePooling1d } from "./average-pooling-1d.js";
import { averagePooling2d } from "./average-pooling-2d.js";
import { batchNormalization } from "./batch-normalization.js";
import { bidirectional } from "./bidirectional.js";
import { conv1d } from "./conv-1d.js";
import { conv2d } from "./conv-2d.js";
import { dense } from "./dense.js";
import { depthwiseConv2d } from "./depthwise-conv-2d.js";
import { dropout } from "./dropout.js";
import { embedding } from "./embedding.js";
import { flatten } from "./flatten.js";
import { globalAveragePooling1d } from "./global-average-pooling-1d.js";
import { globalAveragePooling2d } from "./global-average-pooling-2d.js";
import { globalMaxPooling1d } from "./global-max-pooling-1d.js";
import { globalMaxPooling2d } from "./global-max-pooling-2d.js";
import { gru } from "./gru.js";
import type { LayerDefinition } from "./layer.js";
import { layerNormalization } from "./layer-normalization.js";
import { lstm } from "./lstm.js";
import { masking } from "./masking.js";
import { maxPooling1d } from "./max-pooling-1d.js";
import { maxPooling2d } from "./max-pooling-2d.js";
import { multiHeadAttention } from "./multi-head-attention.js";
import { positionalEmbedding } from "./positional-embedding.js";
import { positionalEncoding } from "./positional-encoding.js";
import { reshape } from "./reshape.js";
import { residual } from "./residual.js";
import { rmsNormalization } from "./rms-normalization.js";
import { separableConv1d } from "./separable-conv-1d.js";
import { separableConv2d } from "./separable-conv-2d.js";
import { simpleRnn } from "./simple-rnn.js";
import { transformerEncoder } from "./transformer-encoder.js";

/** Every kind of layer, by its name in YAML. */
export const layers = {
  embedding,
  lstm,
  gru,
  simple_rnn: simpleRnn,
  bidirectional,
  dense,
  dropout,
  flatten,
  reshape,
  masking,
  global_average_pooling_1d: globalAveragePooling1d,
  conv_1d: conv1d,
  conv_2d: conv2d,
  depthwise_conv_2d: depthwiseConv2d,
  separable_conv_1d: separableConv1d,
  separable_conv_2d: separableConv2d,
  max_pooling_1d: maxPooling1d,
  average_pooling_1d: averagePooling1d,
  max_pooling_2d: maxPooling2d,
  average_pooling_2d: averagePooling2d,
  global_max_pooling_1d: globalMaxPooling1d,
  global_average_pooling_2d: globalAveragePooling2d,
  global_max_pooling_2d: globalMaxPooling2d,
  activation,
  layer_normalization: layerNormalization,
  rms_normalization: rmsNormalization,
  batch_normalization: batchNormalization,
  multi_head_attention: multiHeadAttention,
  attention_pooling: attentionPooling,
  positional_encoding: positionalEncoding,
  positional_embedding: positionalEmbedding,
  residual,
  transformer_encoder: transformerEncoder,
} as const;

const schema = choice("layer", {
  embedding: embedding.params,
  lstm: lstm.params,
  gru: gru.params,
  simple_rnn: simpleRnn.params,
  bidirectional: bidirectional.params,
  dense: dense.params,
  dropout: dropout.params,
  flatten: flatten.params,
  reshape: reshape.params,
  masking: masking.params,
  global_average_pooling_1d: globalAveragePooling1d.params,
  conv_1d: conv1d.params,
  conv_2d: conv2d.params,
  depthwise_conv_2d: depthwiseConv2d.params,
  separable_conv_1d: separableConv1d.params,
  separable_conv_2d: separableConv2d.params,
  max_pooling_1d: maxPooling1d.params,
  average_pooling_1d: averagePooling1d.params,
  max_pooling_2d: maxPooling2d.params,
  average_pooling_2d: averagePooling2d.params,
  global_max_pooling_1d: globalMaxPooling1d.params,
  global_average_pooling_2d: globalAveragePooling2d.params,
  global_max_pooling_2d: globalMaxPooling2d.params,
  activation: activation.params,
  layer_normalization: layerNormalization.params,
  rms_normalization: rmsNormalization.params,
  batch_normalization: batchNormalization.params,
  multi_head_attention: multiHeadAttention.params,
  attention_pooling: attentionPooling.params,
  positional_encoding: positionalEncoding.params,
  positional_embedding: positionalEmbedding.params,
  residual: residual.params,
  transformer_encoder: transformerEncoder.params,
});

/** One layer in YAML: `{lstm: {units: 32}}`, or a bare name such as `flatten`. */
export const layerSchema = schema;

/** A parsed {@link layerSchema}. */
export type LayerParams = z.output<typeof schema>;

/** The layers of a model in YAML, first to last. */
export const layersSchema = z.array(layerSchema).min(1);

/** The definition and the parameters that a parsed layer stands for. */
export function layerOf(layer: LayerParams): readonly [LayerDefinition, Readonly<Record<string, unknown>>] {
  const [name, params] = chosen(layer);
  const definition = layers[name as keyof typeof layers] as unknown as LayerDefinition;
  return [definition, params as Readonly<Record<string, unknown>>];
}
