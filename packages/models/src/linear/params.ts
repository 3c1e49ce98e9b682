import { fail, type ParamProblem, type StageContext } from "@seqloom/core";
import { z } from "zod";
import type { FittedLinear } from "./fit.js";
import type { Tried } from "./model.js";

const strength = z.number().positive();

/** Parameters of all stages that search for linear models. */
export const searchParams = {
  regularisation: z
    .union([strength, z.array(strength).min(1)])
    .default(1)
    .describe(
      "Half of the squared weights, times this, is added to the summed losses (scikit-learn's 1 / C); naive_bayes adds it " +
        "to every count. A list: the one that is best on the validation rows, of equal ones the largest",
    ),
  intercept: z.boolean().default(true).describe("Whether each class has a score of its own beside its weights"),
  tolerance: z
    .number()
    .positive()
    .default(1e-6)
    .describe("The search ends where no part of the gradient of the mean loss is larger"),
  max_iterations: z.int().min(1).default(1000).describe("Or after so many steps, with a warning"),
};

/** Tries every strength, in their order; the best by `score` on the validation rows stays. */
export function chooseStrength(
  regularisation: number | readonly number[],
  fit: (strength: number, before: (iteration: number) => void) => FittedLinear,
  score: ((fitted: FittedLinear) => number) | null,
  context: StageContext,
): { readonly fitted: FittedLinear; readonly regularisation: number; readonly tried: readonly Tried[] } {
  const strengths = [...new Set([regularisation].flat())].sort((a, b) => b - a);
  if (strengths.length > 1 && score === null) {
    throw fail("no-validation-rows", "a list of regularisation is chosen from on validation rows, and there are none", {
      hint: "Let data/split set some rows aside as `validation`, or give one number.",
    });
  }
  const tried: Tried[] = [];
  let best: { readonly fitted: FittedLinear; readonly regularisation: number; readonly score: number } | null = null;
  for (const [place, one] of strengths.entries()) {
    const fitted = fit(one, (iteration) => {
      context.signal.throwIfAborted();
      if (iteration % 20 === 0)
        context.progress({ done: place, total: strengths.length, unit: "models", message: `step ${iteration}` });
    });
    if (!fitted.converged) {
      context.log(
        `warning: regularisation ${one}: the search ended before the tolerance was reached; raise max_iterations`,
      );
    }
    const reached = strengths.length > 1 ? score!(fitted) : null;
    tried.push({ regularisation: one, score: reached, loss: fitted.loss, iterations: fitted.iterations });
    if (best === null || (reached ?? 0) > best.score) best = { fitted, regularisation: one, score: reached ?? 0 };
  }
  return { fitted: best!.fitted, regularisation: best!.regularisation, tried };
}

/** What does not go together. */
export function strengthProblems(regularisation: number | readonly number[], kind: string): ParamProblem[] {
  if (kind !== "centroid" || !Array.isArray(regularisation)) return [];
  const hint = "Leave regularisation out.";
  return [{ path: ["regularisation"], message: 'kind: "centroid" has no regularisation to choose', hint }];
}
