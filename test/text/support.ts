import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import {
  type AnyStage,
  type Dataset,
  DiagnosticError,
  executeStage,
  type TokensColumn,
  tokensOfRow,
} from "@seqloom/core";
import { testContext } from "../support/context.js";
import { datasetOf, type Row, rowsOfDataset } from "../support/rows.js";

/** The folder of the data sets, or null where there is none: tests that need it are then skipped. */
export const mirror: string | null =
  [...(process.env.SEQLOOM_MIRROR ?? "").split(delimiter), resolve("../shared/data")].find((folder) =>
    existsSync(join(folder, "stemming")),
  ) ?? null;

/** The lines of a file of the data sets. */
export function lines(path: string): string[] {
  return readFileSync(join(mirror ?? "", path), "utf8")
    .trimEnd()
    .split("\n");
}

/** The rows that a stage makes of rows: the values of its output columns. */
export async function rowsOf(stage: AnyStage, rows: readonly Row[], params: Row = {}): Promise<Row[]> {
  const columns = stage.kind === "stage" ? [] : Object.keys(stage.output.columns);
  const types = stage.kind === "stage" ? {} : stage.input.columns;
  const outputs = await executeStage(
    stage,
    { data: datasetOf(rows, types) },
    stage.params.parse(params),
    testContext(),
  );
  return rowsOfDataset(outputs.data as Dataset, columns);
}

/** What a stage makes of one text or one list of tokens. */
export async function outOf(stage: AnyStage, value: unknown, params: Row = {}): Promise<unknown> {
  const [column] = stage.kind === "stage" ? [] : Object.keys(stage.input.columns);
  const [row] = await rowsOf(stage, [{ [column]: value }], params);
  return Object.values(row)[0];
}

/** Every row of a tokens column, uncut. */
export function wordsOf(column: TokensColumn): string[][] {
  return Array.from({ length: column.offsets.length - 1 }, (_, row) => tokensOfRow(column, row));
}

/** The diagnostic that a promise is rejected with. */
export async function diagnosticOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof DiagnosticError) return error.diagnostics[0];
  throw error;
}
