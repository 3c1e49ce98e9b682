/** @file The JSON Schema that editors use, tried with a validator: it takes every pipeline, and refuses what it can see is wrong. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRegistry } from "@seqloom/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { manifests } from "../../packages/cli/dist/manifests.js";
import { pipelineSchema } from "../../packages/cli/dist/schema.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const registry = openRegistry(manifests());
const stages = await Promise.all(registry.ids.map(async (use) => ({ use, stage: await registry.load(use) })));
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(pipelineSchema(stages));
const read = (...path: string[]): unknown => parse(readFileSync(join(root, ...path), "utf8"));

/** Of the golden cases, those whose mistake lies in the form of the file, or in what one stage takes. */
const REFUSED = [
  "empty-file",
  "huge-number",
  "matrix-halving-factor",
  "matrix-strategy",
  "missing-parameter",
  "no-version",
  "not-a-mapping",
  "out-of-range",
  "pipeline-name-long",
  "reads-in-prepare",
  "reads-not-a-list",
  "reads-unknown-key",
  "several-at-once",
  "unknown-activation",
  "unknown-key",
  "unknown-key-in-stage",
  "unknown-layer",
  "unknown-layer-parameter",
  "unknown-parameter",
  "unknown-stage",
  "wrong-type",
  "wrong-value",
  "wrong-version",
  "zero-epochs",
];

/** Some whose mistake lies between stages, in data, or in values that are filled in: a file of this form may be right. */
const TAKEN = [
  "cycle",
  "matrix-halving-epochs",
  "matrix-unused",
  "missing-encode",
  "param-of-wrong-type",
  "unknown-param",
];

describe("the JSON Schema of pipeline files", () => {
  const pipelines = readdirSync(join(root, "pipelines")).filter((name) => name.endsWith(".yaml"));

  it.each(pipelines)("takes pipelines/%s", (name) => {
    validate(read("pipelines", name));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(REFUSED)("refuses %s", (name) => expect(validate(read("test/golden/bad", `${name}.yaml`))).toBe(false));

  it.each(TAKEN)("takes %s, which only the whole pipeline shows to be wrong", (name) => {
    validate(read("test/golden/bad", `${name}.yaml`));
    expect(validate.errors ?? []).toEqual([]);
  });
});
