export { Adam, type AdamOptions, adam } from "./adam.js";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clipping.js";
export { type DenseActivation, dense } from "./dense.js";
export { embedding } from "./embedding.js";
export { sigmoidCrossEntropy, softmaxCrossEntropy } from "./losses.js";
export { type LstmActivation, type LstmInputs, type LstmOutputs, lstm, type RecurrentActivation } from "./lstm.js";
export type { Optimizer, OptimizerState } from "./optimizer.js";
export { globalAveragePooling1d } from "./pooling.js";
export { Sgd, type SgdOptions, sgd } from "./sgd.js";
