import { didYouMean, fail } from "@seqloom/core";
import { z } from "zod";

/** Weights by class, `balanced` (rows / (classes · rows of the class)), or null: all alike. */
export const classWeightsSchema = z
  .union([z.literal("balanced"), z.record(z.string(), z.number().positive())])
  .nullable()
  .default(null);

/**
 * The weight of each class, in the order of `classes`; one that is not named has 1. Null: all alike.
 * @throws DiagnosticError `class-weight-unknown` for a name that no train row has.
 */
export function classWeightsOf(
  params: z.output<typeof classWeightsSchema>,
  classes: readonly string[],
  targets: Int32Array,
): Float32Array | null {
  if (params === null) return null;
  if (params === "balanced") {
    const counts = new Float64Array(classes.length);
    for (const target of targets) counts[target]++;
    return Float32Array.from(counts, (count) => targets.length / (classes.length * count));
  }
  for (const name of Object.keys(params)) {
    if (!classes.includes(name)) {
      throw fail("class-weight-unknown", `class_weights names "${name}", which no train row has as its label`, {
        hint: didYouMean(name, classes, "class"),
      });
    }
  }
  return Float32Array.from(classes, (name) => (Object.hasOwn(params, name) ? params[name] : 1));
}
