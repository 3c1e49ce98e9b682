import type { Scenario } from "../train.js";
import { attentionScenarios } from "./attention.js";
import { convolution } from "./convolution.js";
import { plain } from "./plain.js";
import { recurrent } from "./recurrent.js";
import { training } from "./training.js";

/** Every scenario that a backend must pass. */
export const scenarios: readonly Scenario[] = [
  ...plain,
  ...recurrent,
  ...convolution,
  ...attentionScenarios,
  ...training,
];
