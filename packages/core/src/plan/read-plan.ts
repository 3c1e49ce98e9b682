import { readFileSync } from "node:fs";
import { fail } from "../diagnostics/diagnostic.js";
import type { PlanDocument } from "./document.js";

/**
 * Reads what `seqloom plan --json` wrote.
 * @throws DiagnosticError `plan-file` when it is not there or no plan of this version.
 */
export function readPlan(path: string): PlanDocument {
  const hint = "Make one with `seqloom plan FILE --json > plan.json`.";
  let content: Partial<PlanDocument> | null;
  try {
    content = JSON.parse(readFileSync(path, "utf8")) as Partial<PlanDocument> | null;
  } catch (error) {
    throw fail("plan-file", `${path} is no plan: ${(error as Error).message}`, { hint });
  }
  if (content?.schema !== "plan/1" || !Array.isArray(content.stages) || !content.stages.every(isStage)) {
    const found = typeof content?.schema === "string" ? `"${content.schema}"` : "something else";
    throw fail("plan-file", `${path} is no plan: its schema is ${found}, and "plan/1" is needed`, { hint });
  }
  return content as PlanDocument;
}

function isStage(stage: unknown): boolean {
  const { name, inputs, record } = (stage ?? {}) as {
    name?: unknown;
    inputs?: unknown;
    record?: { schema?: unknown } | null;
  };
  return (
    typeof name === "string" &&
    typeof inputs === "object" &&
    inputs !== null &&
    (record === null || record?.schema === "key/1")
  );
}
