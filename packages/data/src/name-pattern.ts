/** @file Patterns of file names: "{label}_{group}_{take}.wav". */
import { type Column, didYouMean, fail, labels, type ParamProblem } from "@seqloom/core";
import { SPLITS } from "./splits.js";

/** Columns that a pattern may fill, beside any other name in lower case. */
const KNOWN = ["label", "split", "group"];
const FIELD = /\{([a-z_][a-z0-9_]*)\}/g;

/** The fields of a pattern, in order. */
export function fieldsOf(pattern: string): string[] {
  return [...pattern.matchAll(FIELD)].map(([, name]) => name);
}

/** What is wrong with a pattern; `taken` are the columns that the loader itself gives. */
export function patternProblems(
  pattern: string,
  path: readonly string[],
  taken: readonly string[] = [],
): ParamProblem[] {
  const fields = fieldsOf(pattern);
  const twice = fields.find((field, place) => fields.indexOf(field) !== place);
  const reserved = fields.find((field) => taken.includes(field));
  const left = pattern.replaceAll(FIELD, "").match(/[{}][^{}]*[}]?/)?.[0];
  const problem = (message: string, hint: string): ParamProblem[] => [{ path, message, hint }];
  if (twice !== undefined) return problem(`{${twice}} is there twice`, "Give each field a name of its own.");
  if (reserved !== undefined) return problem(`{${reserved}} is a column of every row`, "Give the field another name.");
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

/** The columns of a pattern: what the names of the files say, a row each; `names` says what to call a value. */
export function namedColumns(
  pattern: string,
  files: readonly string[],
  names: Readonly<Record<string, string>> = {},
): [string, Column][] {
  const read = nameReader(pattern);
  const values = files.map(read);
  return fieldsOf(pattern).map((field, place): [string, Column] => {
    const own = values.map((fields) => (Object.hasOwn(names, fields[place]) ? names[fields[place]] : fields[place]));
    if (field !== "split") return [field, labels(own)];
    const strange = own.find((name) => !(SPLITS as readonly string[]).includes(name));
    if (strange !== undefined) {
      throw fail("split-unknown", `"${strange}" is no split`, { hint: `Splits are called ${SPLITS.join(", ")}.` });
    }
    return [field, labels(own, SPLITS)];
  });
}
