import type { Pipeline } from "@seqloom/core";
import { DiagnosticError, type Selection, select } from "@seqloom/core/start";
import { type Arguments, type Command, type Flag, flagValue, UsageError } from "./command.js";

/** The arguments of a command that works on a part of a pipeline. */
export const PART_POSITIONALS: Command["positionals"] = [
  { name: "FILE", description: "the pipeline file" },
  { name: "STAGE", optional: true, multiple: true, description: "only these stages, and what they need" },
];

/** Flags that choose a part of a pipeline, and what of it runs again or must not run. */
export const PART_FLAGS: Readonly<Record<string, Flag>> = {
  from: {
    type: "string",
    value: "STAGE,…",
    description: "These stages and all that depends on them, and what that needs",
  },
  until: {
    type: "string",
    value: "STAGE,…",
    description: "These stages and what they need; with --from, the other end",
  },
  only: { type: "string", value: "STAGE,…", description: "These stages alone: what they need must be in the store" },
  force: { type: "optional", value: "STAGE,…", description: "Run all stages again, or those named" },
  "force-downstream": { type: "boolean", description: "With --force: what depends on a forced stage runs again too" },
  frozen: {
    type: "optional",
    value: "STAGE,…",
    description: "All stages, or those named, must be in the store: if one would have to run, fail (for CI)",
  },
};

/**
 * The part of a pipeline that a call asks for.
 * @throws UsageError for names that are no stages, and for flags that exclude each other.
 */
export function selectionOf(args: Arguments, pipeline: Pipeline): Selection {
  const targets = args.positionals.slice(1);
  const selection: Selection = {
    ...(targets.length > 0 && { targets }),
    until: listOf(args, "until"),
    from: listOf(args, "from"),
    only: listOf(args, "only"),
    force: allOr(args, "force"),
    forceDownstream: args.has.has("force-downstream"),
    frozen: allOr(args, "frozen"),
  };
  try {
    select(pipeline, selection);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const [{ message, hint }] = error.diagnostics;
    throw new UsageError(
      message.replaceAll(OPTION, (_, name) => `--${name.replace("_", "-")}`),
      hint,
    );
  }
  return selection;
}

/** The names of options, as core writes them. */
const OPTION = /"(until|from|only|force|force_downstream|frozen)"/g;

function listOf(args: Arguments, flag: string): readonly string[] | undefined {
  const value = flagValue(args, flag);
  return value === undefined ? undefined : split(value);
}

function allOr(args: Arguments, flag: string): boolean | readonly string[] {
  const value = flagValue(args, flag);
  return value === undefined || value === "" ? value !== undefined : split(value);
}

function split(value: string): string[] {
  return value.split(",").filter((name) => name !== "");
}
