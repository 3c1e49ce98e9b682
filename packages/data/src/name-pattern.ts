/** @file Patterns of file names: "{label}_{group}_{take}.wav". */
import { type Column, didYouMean, fail, labels, type ParamProblem } from "@seqloom/core";
import { SPLITS } from "./splits.js";

/** Columns that a pattern may fill, beside any other name in lower case. */
const KNOWN = ["label", "split", "group"];
const FIELD = /\{([a-z_][a-z0-9_]*)\}/g;

/** A pattern, or several for files that are named in several ways: the first that fits counts. */
export type Patterns = string | readonly string[];

/** The fields of patterns, in order. */
export function fieldsOf(patterns: Patterns): string[] {
  const all = [patterns].flat().flatMap((pattern) => [...pattern.matchAll(FIELD)].map(([, name]) => name));
  return typeof patterns === "string" ? all : [...new Set(all)];
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
export function nameReader(patterns: Patterns): (name: string) => Readonly<Record<string, string>> {
  const forms = [patterns].flat().map((pattern) => ({ fields: fieldsOf(pattern), expression: expressionOf(pattern) }));
  return (name) => {
    for (const { fields, expression } of forms) {
      const match = expression.exec(name);
      if (match !== null) return Object.fromEntries(fields.map((field, place) => [field, match[place + 1]]));
    }
    throw fail("name-pattern", `"${name}" is not of the form ${[patterns].flat().map(quoted).join(" or ")}`, {
      hint: `Change the pattern, or name only files of that form. ${didYouMean(name, [], "file")}`.trim(),
    });
  };
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split(FIELD)
    .map((part, place) =>
      place % 2 === 1 ? "([^/]+?)" : part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&").replaceAll("*", "[^/]*"),
    )
    .join("");
  return new RegExp(`(?:^|/)${source}$`, "u");
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** The columns of patterns: what the names of the files say, a row each; `names` says what to call a value. */
export function namedColumns(
  patterns: Patterns,
  files: readonly string[],
  names: Readonly<Record<string, string>> = {},
): [string, Column][] {
  const values = files.map(nameReader(patterns));
  return fieldsOf(patterns).map((field): [string, Column] => {
    const own = values.map((fields) => {
      if (!Object.hasOwn(fields, field)) return null;
      return Object.hasOwn(names, fields[field]) ? names[fields[field]] : fields[field];
    });
    if (field !== "split") return [field, labels(own)];
    const strange = own.find((name) => name !== null && !(SPLITS as readonly string[]).includes(name));
    if (typeof strange === "string") {
      throw fail("split-unknown", `"${strange}" is no split`, { hint: `Splits are called ${SPLITS.join(", ")}.` });
    }
    return [field, labels(own, SPLITS)];
  });
}
