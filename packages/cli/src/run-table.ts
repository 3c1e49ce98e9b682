import { didYouMean, type Json } from "@seqloom/core";
import type { RunRow } from "@seqloom/core/engine";
import { UsageError } from "./command.js";
import type { Paint } from "./terminal/paint.js";

/** The name of a column. */
export type Column = string;

/** Column → value. */
export type TableRow = Readonly<Record<Column, Json>>;

/** Runs as rows of a table: `run`, `pipeline`, `status`, `started`, `tag`, parameters, measures, `seconds`. */
export function rowsOf(runs: readonly RunRow[]): TableRow[] {
  return runs.map(({ run, pipeline, status, started, tags, params, measures, seconds }) => ({
    run,
    pipeline,
    status,
    started,
    tag: tags.join(" "),
    ...params,
    ...measures,
    seconds: Math.round(seconds * 1000) / 1000,
  }));
}

const FIRST = ["run", "tag", "pipeline"];
const LAST = ["seconds", "status"];
const HIDDEN = ["started"];

/** The columns worth showing: what is the same in all rows says nothing, unless it was measured. */
export function columnsOf(rows: readonly TableRow[]): Column[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const differs = (name: string) => new Set(rows.map((row) => JSON.stringify(row[name]))).size > 1;
  const middle = names.filter((name) => ![...FIRST, ...LAST, ...HIDDEN].includes(name));
  const isMeasure = (name: string) => name.includes(".") && rows.some((row) => typeof row[name] === "number");
  return [
    "run",
    ...["tag", "pipeline"].filter(differs),
    ...middle.filter((name) => isMeasure(name) || differs(name)),
    "seconds",
    ...["status"].filter(differs),
  ];
}

/**
 * The column that a person means: by its name, by the end of it where that is enough (`accuracy` for `scores.accuracy`), or
 * with `params.` before it.
 * @throws UsageError when there is none, or more than one.
 */
export function columnNamed(text: string, rows: readonly TableRow[]): Column {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const plain = text.replace(/^params\./, "");
  const exact = names.find((name) => name === text || name === plain);
  if (exact !== undefined || rows.length === 0) return exact ?? plain;
  const ending = names.filter((name) => name.endsWith(`.${text}`));
  if (ending.length === 1) return ending[0];
  if (ending.length > 1) throw new UsageError(`"${text}" may be ${ending.join(" or ")}`, "Write the whole name.");
  throw new UsageError(`there is no column "${text}"`, didYouMean(text, names, "column"));
}

/**
 * A test from `accuracy>0.9`, `units=64`, `pipeline!=small`.
 * @throws UsageError when it is not of this form, or names no column.
 */
export function conditionOf(condition: string, rows: readonly TableRow[]): (row: TableRow) => boolean {
  const match = /^([^=<>!]+?)\s*(!=|<=|>=|=|<|>)\s*(.*)$/s.exec(condition);
  if (match === null) {
    throw new UsageError(`--where "${condition}" is not NAME=VALUE`, "For example: --where units=64, accuracy>0.9");
  }
  const [, name, operator, wanted] = match;
  const column = columnNamed(name, rows);
  const number = wanted === "" ? Number.NaN : Number(wanted);
  return (row) => {
    const value = row[column];
    const same =
      column === "tag"
        ? String(value).split(" ").includes(wanted)
        : typeof value === "number"
          ? value === number
          : typeof value === "string"
            ? value === wanted
            : JSON.stringify(value) === wanted;
    if (operator === "=") return same;
    if (operator === "!=") return !same;
    if (typeof value !== "number" || Number.isNaN(number)) return false;
    return operator === "<"
      ? value < number
      : operator === ">"
        ? value > number
        : operator === "<="
          ? value <= number
          : value >= number;
  };
}

/**
 * Rows in the order of `-scores.accuracy,units`; where the first are equal, the next decide. Rows without a value are last.
 * @throws UsageError when a column is not there.
 */
export function sortRows(rows: readonly TableRow[], order: string | undefined): TableRow[] {
  if (order === undefined) return [...rows];
  const keys = order.split(",").map((text) => {
    const falling = text.startsWith("-");
    return { column: columnNamed(falling ? text.slice(1) : text, rows), sign: falling ? -1 : 1 };
  });
  return [...rows].sort((a, b) => {
    for (const { column, sign } of keys) {
      const [left, right] = [a[column], b[column]];
      if (left === right) continue;
      if (left === undefined || left === null) return 1;
      if (right === undefined || right === null) return -1;
      return left < right ? -sign : sign;
    }
    return 0;
  });
}

/** Comma-separated values, as RFC 4180 has them. */
export function csv(columns: readonly Column[], rows: readonly TableRow[]): string {
  const cell = (value: Json | undefined): string => {
    const plain = plainText(value);
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  const lines = [columns.map(cell), ...rows.map((row) => columns.map((name) => cell(row[name])))];
  return lines.map((line) => `${line.join(",")}\n`).join("");
}

/** A table in Markdown. */
export function markdown(columns: readonly Column[], rows: readonly TableRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  const rule = columns.map((name) => (rows.some((row) => typeof row[name] === "number") ? "---:" : "---"));
  return [columns, rule, ...rows.map((row) => columns.map((name) => plainText(row[name])))].map(line).join("");
}

/** A table for the terminal. */
export async function text(
  columns: readonly Column[],
  rows: readonly TableRow[],
  width: number | undefined,
  paint: Paint,
): Promise<string> {
  const [{ aligned }, { cut, harmless }, { fractional, measure }] = await Promise.all([
    import("./terminal/summary.js"),
    import("./terminal/width.js"),
    import("@seqloom/report/format"),
  ]);
  const decimals = new Map(columns.map((name) => [name, fractional(rows.map((row) => row[name]))]));
  const cell = (name: string, value: Json | undefined): string =>
    typeof value === "number" && name.includes(".")
      ? measure(name, value, decimals.get(name))
      : harmless(plainText(value));
  return aligned([columns, ...rows.map((row) => columns.map((name) => cell(name, row[name])))])
    .map((line) => (width === undefined ? line : cut(line, width - 1)))
    .map((line, at) => `${at === 0 ? paint.bold(line) : line}\n`)
    .join("");
}

function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
