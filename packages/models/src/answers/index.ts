import type { ModelConfig } from "../artifact.js";
import { type LossName, objectiveOf } from "../losses.js";
import type { Network } from "../network.js";
import { type RegressionLossName, regressorOf } from "../regression.js";
import type { AnswerTo } from "./answer.js";
import { answerWithClasses } from "./classes.js";
import { answerWithNumbers } from "./numbers.js";
import { answerWithSequences } from "./sequences.js";
import { answerWithTags } from "./tags.js";

/** What the outputs of a model mean. */
export function answerOf(config: ModelConfig, network: Network): AnswerTo {
  if (config.task === "tags") return answerWithTags(config.input, config.classes);
  if (config.task === "sequences") return answerWithSequences(network, config.layers, config.classes);
  if (config.outputs !== undefined) {
    const regressor = regressorOf(config.loss as RegressionLossName, network, config.outputs, 1);
    return answerWithNumbers(regressor, config.outputs);
  }
  return answerWithClasses(objectiveOf(config.loss as LossName, network, config.classes), config.classes);
}
