export { type Activation, activationNames } from "./activations.js";
export type { ModelConfig } from "./artifact.js";
export { beamSearch } from "./decoding/beam.js";
export { bestPath, collapse } from "./decoding/best-path.js";
export { type Device, type DeviceName, deviceNames, openDevice } from "./device.js";
export { exactLog, exactLog1p } from "./exact-math.js";
export { type FoundDevice, findDevices } from "./find-devices.js";
export {
  type Initializer,
  type InitializerParams,
  initializerOf,
  initializerSchema,
} from "./initializers/initializers.js";
export type { InputSpec } from "./input.js";
export { type LayerParams, layerSchema, layers, layersSchema } from "./layers/index.js";
export type { BuiltLayer, CallContext, CallResult, Flow, LayerDefinition, Shape, WeightSpec } from "./layers/layer.js";
export { type Minimum, minimise, type Smooth } from "./linear/minimise.js";
export { type LossName, lossNames, lossSchema } from "./losses.js";
export {
  areEntityTags,
  type ClassificationScores,
  type ClassScores,
  classificationScores,
  confusionMatrix,
  countSpans,
  crossEntropy,
  type Edits,
  editDistance,
  type RegressionScores,
  regressionScores,
  type Span,
  type SpanCounts,
  spansOf,
} from "./metrics/index.js";
export { buildNetwork, forward, initialWeights, type Network, type PlacedLayer } from "./network.js";
export { type OptimizerParams, optimizerSchema } from "./optimizers.js";
export { loadModel, type Predictor } from "./predictor.js";
export { BETWEEN_KERNELS, type Profiled, profileSteps } from "./profile/profile.js";
export { type RegressionLossName, regressionLossNames, regressionLossSchema } from "./regression.js";
export { type RegularizerParams, regularizerSchema } from "./regularizers.js";
export { type LearningRateParams, learningRateSchema, type Schedule, scheduleOf } from "./schedules.js";
export { decodeCtc } from "./stages/decode-ctc.js";
export { evaluate } from "./stages/evaluate.js";
export { evaluateCtc } from "./stages/evaluate-ctc.js";
export { evaluateMultilabel } from "./stages/evaluate-multilabel.js";
export { evaluateRegressor } from "./stages/evaluate-regressor.js";
export { evaluateTagger } from "./stages/evaluate-tagger.js";
export { importModel } from "./stages/import.js";
export { predict } from "./stages/predict.js";
export { train } from "./stages/train.js";
export { trainCtc } from "./stages/train-ctc.js";
export { trainLinear } from "./stages/train-linear.js";
export { trainMultilabel } from "./stages/train-multilabel.js";
export { trainRegressor } from "./stages/train-regressor.js";
export { trainTagger } from "./stages/train-tagger.js";
export { summaryTable } from "./summary.js";
export { releaseModels } from "./warm.js";
export { type ExportFormat, exportedFiles, exportModel } from "./weights/export.js";
export { modelFacts } from "./weights/facts.js";
export { kerasJson } from "./weights/keras-json.js";
