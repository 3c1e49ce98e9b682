/** @file Names become parts of messages, of paths and of addresses: what no name may have. */
import { visible } from "../diagnostics/visible.js";
import type { PipelineSpec, Problem } from "./spec.js";

/** Names of stages and of parameters. */
export const NAME = /^[\p{L}_][\p{L}\p{N}_-]{0,63}$/u;

/** Control characters, halves of characters, line ends, marks that turn the direction of writing; what means a folder. */
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069/\\]|\.\./u;

const LONGEST = 100;

/** What is wrong with the names of a pipeline and of its parameters; those of its stages are checked with the stages. */
export function nameProblems({ name, params }: Pick<PipelineSpec, "name" | "params">): Problem[] {
  const wrong = name.trim() === "" || name === "." || name.length > LONGEST || NOT_IN_NAMES.test(name);
  const problems: Problem[] = [];
  if (wrong) {
    problems.push({
      code: "pipeline-name",
      message: `"${visible(name)}" cannot be the name of a pipeline`,
      hint: `Use at most ${LONGEST} characters, none of them a slash or a control character, and no "..".`,
      path: ["name"],
      part: "value",
    });
  }
  for (const param of Object.keys(params)) {
    if (NAME.test(param)) continue;
    problems.push({
      code: "param-name",
      message: `"${visible(param)}" cannot be the name of a parameter`,
      hint: "Use letters, digits, - and _, at most 64, and begin with a letter.",
      path: ["params", param],
      part: "key",
    });
  }
  return problems;
}
