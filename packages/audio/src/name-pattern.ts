/** @file Patterns of file names: "{label}_{group}_{take}.wav". */
import { didYouMean, fail, type ParamProblem } from "@seqloom/core";

/** Columns that a pattern may fill, beside any other name in lower case. */
const KNOWN = ["label", "split", "group"];
const FIELD = /\{([a-z_][a-z0-9_]*)\}/g;

/** The fields of a pattern, in order. */
export function fieldsOf(pattern: string): string[] {
  return [...pattern.matchAll(FIELD)].map(([, name]) => name);
}

/** What is wrong with a pattern. */
export function patternProblems(pattern: string, path: readonly string[]): ParamProblem[] {
  const fields = fieldsOf(pattern);
  const twice = fields.find((field, place) => fields.indexOf(field) !== place);
  const reserved = fields.find((field) => ["id", "signal", "sample_rate"].includes(field));
  const left = pattern.replaceAll(FIELD, "").match(/[{}][^{}]*[}]?/)?.[0];
  const problem = (message: string, hint: string): ParamProblem[] => [{ path, message, hint }];
  if (twice !== undefined) return problem(`{${twice}} is there twice`, "Give each field a name of its own.");
  if (reserved !== undefined) return problem(`{${reserved}} is a column of every clip`, "Give the field another name.");
  if (left !== undefined) return problem(`"${left}" is no field`, "Fields are {names} in lower case, such as {label}.");
  if (fields.length === 0)
    return problem(
      "the pattern has no field",
      `Name the parts that vary: ${KNOWN.map((name) => `{${name}}`).join(", ")}.`,
    );
  return [];
}

/**
 * A function that reads the fields off the end of a file's name; `*` stands for anything without a slash.
 * @throws DiagnosticError `name-pattern` when a name is of another form.
 */
export function nameReader(pattern: string): (name: string) => readonly string[] {
  const source = pattern
    .split(FIELD)
    .map((part, place) =>
      place % 2 === 1 ? "([^/]+?)" : part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&").replaceAll("*", "[^/]*"),
    )
    .join("");
  const expression = new RegExp(`(?:^|/)${source}$`, "u");
  return (name) => {
    const match = expression.exec(name);
    if (match === null) {
      throw fail("name-pattern", `"${name}" is not of the form "${pattern}"`, {
        hint: `Change the pattern, or name only files of that form. ${didYouMean(name, [], "file")}`.trim(),
      });
    }
    return match.slice(1);
  };
}
