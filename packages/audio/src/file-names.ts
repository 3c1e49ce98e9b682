/** @file Names of files from what stands in a row: the way back from patterns of names. */
import { type Dataset, didYouMean, fail } from "@seqloom/core";
import { fieldsOf } from "@seqloom/data";

/** The number of a row, from 1, as a field of a pattern. */
const ROW = "row";

/**
 * A file name for each row, all different: `pattern` with the values of columns in place of `{column}`, and `.wav` behind it.
 * What no file can be called is replaced by `_`; names that come again get a number: `seven.wav`, `seven-2.wav`.
 * @throws DiagnosticError `name-pattern`.
 */
export function fileNames(data: Dataset, pattern: string | null, rows: number): string[] {
  const used = pattern ?? (data.columns.get("id")?.type === "utf8" ? "{id}" : `{${ROW}}`);
  const values = new Map(fieldsOf(used).map((field) => [field, textsOf(data, field)]));
  const digits = String(data.rows).length;
  const taken = new Set<string>();
  return Array.from({ length: rows }, (_, row) => {
    const filled = used.replace(/\{([a-z_][a-z0-9_]*)\}/g, (_whole, field: string) =>
      field === ROW ? String(row + 1).padStart(digits, "0") : (values.get(field)?.(row) ?? ""),
    );
    const stem = safe(filled.replace(/\.wav$/i, ""));
    let name = `${stem}.wav`;
    for (let again = 2; taken.has(name.toLowerCase()); again++) name = `${stem}-${again}.wav`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** The values of a column as texts. */
function textsOf(data: Dataset, name: string): (row: number) => string {
  const column = data.columns.get(name);
  if (column?.type === "utf8") return (row) => column.values[row];
  if (column?.type === "integer") return (row) => String(column.values[row]);
  if (column?.type === "label") return (row) => column.dictionary[column.indices[row]] ?? "unknown";
  if (name === ROW) return () => "";
  const usable = [...data.columns].flatMap(([own, { type }]) =>
    ["utf8", "integer", "label"].includes(type) ? [own] : [],
  );
  const problem = column === undefined ? "there is no such column" : `a column of type ${column.type} is no name`;
  throw fail("name-pattern", `{${name}}: ${problem}`, { hint: didYouMean(name, [...usable, ROW], "field") });
}

/** A relative path that any file system takes. */
function safe(text: string): string {
  const parts = text
    .normalize("NFC")
    .split("/")
    .map((part) => part.replace(/[\\<>:"|?*]|\p{Cc}|\p{Cs}/gu, "_").replace(/[ .]+$/, ""))
    .filter((part) => part !== "");
  return parts.join("/").slice(0, 200) || "clip";
}
