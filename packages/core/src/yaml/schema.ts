import { z } from "zod";
import { matrixSchema } from "../sweep/schema.js";

const json: z.ZodType = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json), z.record(z.string(), json)]),
);

const reference = z.union([z.string(), z.record(z.string(), z.string())]);

const stage = z.strictObject({
  use: z.string().describe("The stage to run, such as `text/tokenize`"),
  in: reference.optional().describe("Where the input comes from: a stage, or `port: stage.port`"),
  with: z.record(z.string(), json).optional().describe("The parameters of the stage"),
  columns: z
    .record(z.string(), z.string())
    .optional()
    .describe("The stage's name of a column → the name that it has in this pipeline"),
  reads: z
    .strictObject({
      files: z
        .array(z.string().min(1))
        .optional()
        .describe("Paths and globs, relative to this file; an empty list says that there are none"),
      env: z
        .array(z.string().regex(/^[^=\0]+$/, "must be the name of a variable"))
        .optional()
        .describe("Names of environment variables"),
    })
    .optional()
    .describe("What the code of the stage reads beside its inputs and parameters: its result depends on it"),
});

/** What a pipeline file may hold. Every level is strict: a key that is not known is an error. */
export const pipelineFile = z.strictObject({
  seqloom: z.literal(1).describe("Version of this format"),
  name: z.string().min(1).max(100).optional().describe("The name of the pipeline; the file's name by default"),
  description: z.string().optional().describe("What it does and where it comes from"),
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe("The root of all randomness"),
  params: z.record(z.string(), json).default({}).describe("Values to use as `${params.name}` and to set with --set"),
  stages: z.record(z.string(), stage).describe("The stages by name"),
  matrix: matrixSchema.optional().describe("Values of parameters to run the pipeline with, one run per point"),
  predict: z
    .strictObject({
      source: z.string().optional().describe("The stage whose rows the user's input stands for"),
      model: z.string().optional().describe("The model to predict with"),
      prepare: z
        .array(stage.omit({ in: true, reads: true }))
        .default([])
        .describe("Maps that turn a column `text` into the columns of the source"),
    })
    .optional()
    .describe("How a text that is typed in reaches the model"),
});

/** A pipeline file after validation. */
export type PipelineFile = z.output<typeof pipelineFile>;
