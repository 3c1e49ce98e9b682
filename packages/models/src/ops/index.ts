export { Adagrad, type AdagradOptions, adagrad } from "./adagrad.js";
export { Adam, type AdamOptions, type AdamwOptions, adam, adamw } from "./adam.js";
export {
  type AdditiveAttentionInputs,
  type AttentionInputs,
  additiveAttention,
  attention,
  maskedSoftmax,
} from "./attention.js";
export { clipByGlobalNorm, clipByValue, globalNorm, globalNormFactor } from "./clipping.js";
export {
  type AfterOptions,
  type ConvPadding,
  conv1d,
  conv2d,
  depthwiseConv1d,
  depthwiseConv2d,
  type SequenceOptions,
  type WindowOptions,
} from "./conv.js";
export { type CtcOptions, ctcLoss } from "./ctc.js";
export { type DenseActivation, dense } from "./dense.js";
export { detach } from "./detach.js";
export { embedding } from "./embedding.js";
export { gelu } from "./gelu.js";
export { type GruInputs, gru } from "./gru.js";
export {
  type CrossEntropyOptions,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  softmaxDivergence,
} from "./losses.js";
export { type LstmActivation, type LstmInputs, type LstmOutputs, lstm } from "./lstm.js";
export { Nadam, nadam } from "./nadam.js";
export { type BatchNormOutputs, batchNorm, batchNormInference, layerNorm, rmsNorm } from "./norm.js";
export type { Optimizer, OptimizerState } from "./optimizer.js";
export { weightPenalty } from "./penalty.js";
export {
  averagePooling1d,
  averagePooling2d,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  maxPooling1d,
  maxPooling2d,
  type PoolingOptions,
} from "./pooling.js";
export { sinusoidalPositions } from "./positions.js";
export type { RecurrentActivation, RecurrentInputs, RecurrentOutputs, StateActivation } from "./recurrent.js";
export { Rmsprop, type RmspropOptions, rmsprop } from "./rmsprop.js";
export { type Candidates, logUniformCandidates, powerCandidates } from "./sampled-candidates.js";
export { negativeSamplingLoss, sampledSoftmaxLoss } from "./sampled-losses.js";
export { Sgd, type SgdOptions, sgd } from "./sgd.js";
export { type SimpleRnnInputs, simpleRnn } from "./simple-rnn.js";
