export { type ClassificationScores, type ClassScores, classificationScores } from "./classification.js";
export { confusionMatrix } from "./confusion.js";
export { crossEntropy } from "./cross-entropy.js";
export { type Edits, editDistance } from "./edit-distance.js";
export { type Example, pickExamples } from "./examples.js";
export { type RegressionScores, regressionScores } from "./regression.js";
export { areEntityTags, countSpans, type Span, type SpanCounts, spansOf } from "./spans.js";
