import { fail, type LabelColumn } from "@seqloom/core";

/** The distinct labels of a column, sorted: as numbers when all are numbers, else by code unit. */
export function classesOf(column: LabelColumn): string[] {
  const present = new Set<string>();
  for (const index of column.indices) if (index >= 0) present.add(column.dictionary[index]);
  const names = [...present];
  const numeric = names.every((name) => name.trim() !== "" && Number.isFinite(Number(name)));
  return names.sort((a, b) =>
    numeric && Number(a) !== Number(b) ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0,
  );
}

/**
 * The class of each row as its place in `classes`.
 * @throws DiagnosticError `label-missing` for a row without a label, `label-unseen` for a label that training did not have.
 */
export function targetsOf(column: LabelColumn, classes: readonly string[], rows: string): Int32Array {
  const places = new Map(classes.map((name, place) => [name, place]));
  const target = Int32Array.from(column.dictionary, (name) => places.get(name) ?? -1);
  return column.indices.map((index, row) => {
    if (index < 0) {
      throw fail("label-missing", `${rows}row ${row + 1} has no label`, {
        hint: "Drop the rows without a label, or give them one.",
      });
    }
    if (target[index] < 0) throw unseen(column.dictionary[index], classes, rows, row);
    return target[index];
  });
}

/** The error of a label that training did not have. `rows` says which rows are counted: `"validation "`. */
export function unseen(label: string, classes: readonly string[], rows: string, row: number): Error {
  const known = classes.slice(0, 12).join(", ") + (classes.length > 12 ? ", …" : "");
  return fail("label-unseen", `${rows}row ${row + 1} has the label "${label}", which no train row has`, {
    hint: `The train rows have: ${known}. Split so that every label is among the train rows, or mend the label.`,
  });
}
