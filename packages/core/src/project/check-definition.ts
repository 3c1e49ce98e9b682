import { DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Registry } from "../registry/registry.js";
import type { AnyStage } from "../stages/stage.js";
import { fieldOf } from "./locate.js";

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)+$/;

/** Whether an export is a stage: what `defineStage`, `defineMap` and `defineEstimator` give. */
export function isStage(value: unknown): value is AnyStage {
  const kind = (value as Partial<AnyStage> | null | undefined)?.kind;
  return kind === "stage" || kind === "map" || kind === "estimator";
}

/**
 * Checks what a type checker that nobody ran, or plain JavaScript, lets through.
 * @throws DiagnosticError with all that is wrong, each with its place in the file of the stage.
 */
export function checkDefinition(stage: AnyStage, name: string, file: string, installed: Registry): void {
  const field = (key: string) => fieldOf(file, name, key);
  const problems = [];
  if (typeof stage.id !== "string" || !ID.test(stage.id)) {
    problems.push(
      fail("stage-id", `${JSON.stringify(stage.id) ?? "nothing"} cannot be the id of a stage`, {
        hint: 'An id is lower-case words with a slash between area and name, such as "own/clean-text".',
        at: field("id"),
      }),
    );
  } else if (installed.entry(stage.id) !== undefined) {
    problems.push(
      fail("stage-id-taken", `"${stage.id}" is the id of an installed stage`, {
        hint: `Results are kept by id: give it one of its own, such as "own/${stage.id.split("/").at(-1)}".`,
        at: field("id"),
      }),
    );
  }
  if (!Number.isSafeInteger(stage.version) || stage.version < 1) {
    problems.push(fail("stage-definition", "a stage has a version: a whole number from 1", { at: field("version") }));
  }
  if (typeof stage.description !== "string" || stage.description === "") {
    problems.push(
      fail("stage-definition", "a stage has a description", {
        hint: 'Say in one sentence what it does: `description: "Removes markup."`.',
        at: field("description"),
      }),
    );
  }
  if (typeof (stage.params as { safeParse?: unknown } | undefined)?.safeParse !== "function") {
    problems.push(
      fail("stage-definition", "the params of a stage are a zod object", {
        hint: "Write `params: z.strictObject({})` for none.",
        at: field("params"),
      }),
    );
  }
  if (problems.length > 0) throw new DiagnosticError(problems.flatMap(({ diagnostics }) => diagnostics));
}
