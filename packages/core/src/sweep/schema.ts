import { z } from "zod";
import { type Axis, MOST_POINTS } from "./matrix.js";

const json: z.ZodType = z.json();

const range = z
  .strictObject({
    from: z.number().describe("The least value"),
    to: z.number().describe("The greatest value"),
    scale: z.enum(["linear", "log"]).default("linear").describe("log: equal ratios instead of equal differences"),
    steps: z.int().min(1).max(MOST_POINTS).optional().describe("How many values a grid takes"),
    integer: z.boolean().default(false).describe("Whole numbers only"),
  })
  .superRefine(({ from, to, scale }, context) => {
    if (from >= to) context.addIssue({ code: "custom", message: `from (${from}) must be less than to (${to})` });
    else if (scale === "log" && from <= 0) {
      context.addIssue({ code: "custom", message: `a logarithmic range begins above 0; from is ${from}` });
    }
  });

const assignment = z.record(z.string(), json);

const sample = z.strictObject({
  strategy: z
    .enum(["grid", "random", "latin-hypercube"])
    .default("grid")
    .describe("Every combination; some, each drawn alone; some, spread evenly over every axis"),
  n: z.int().min(1).max(MOST_POINTS).optional().describe("How many points to draw"),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe("The root of what is drawn"),
});

const halving = z.strictObject({
  monitor: z.string().default("val_loss").describe("The measure of an epoch that points are judged by"),
  from: z.int().min(1).describe("Epochs that every point trains"),
  factor: z.int().min(2).default(3).describe("One in so many points goes on, to so many times the epochs"),
  stage: z.string().optional().describe("The stage that trains; default: the last that can go on from a checkpoint"),
});

/** `matrix:` of a pipeline file. */
export const matrixSchema = z.strictObject({
  axes: z
    .record(z.string(), z.union([z.array(json), range]) as z.ZodType<Axis>)
    .describe("Parameter of the pipeline (or `seed`) → its values: a list, or a range"),
  exclude: z.array(assignment).default([]).describe("Combinations that are no points"),
  include: z.array(assignment).default([]).describe("Further points; what they do not name is as in `params`"),
  sample: sample.default({ strategy: "grid", seed: 0 }).describe("Which combinations are points"),
  halving: halving.optional().describe("Train all points a little, and only the best of them to the end"),
});
