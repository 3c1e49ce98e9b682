import { fail } from "../diagnostics/diagnostic.js";
import type { Dataset, Split } from "./dataset.js";

/**
 * The rows of a split.
 * @throws DiagnosticError `no-rows` when there are none.
 */
export function rowsOfSplit<D extends Dataset>(data: D, split: Split | "all"): D {
  const rows = split === "all" ? data : (data.ofSplit(split) as D);
  if (rows.rows > 0) return rows;
  if (split === "all") throw fail("no-rows", "there are no rows to evaluate");
  const others = (["test", "validation", "train"] as const).filter((name) => data.rowsOfSplit(name).length > 0);
  throw fail("no-rows", `there are no ${split} rows to evaluate`, {
    hint:
      others.length === 0
        ? "Set `split: all` to evaluate every row."
        : `There are rows for: ${others.join(", ")}, all. Choose one with \`split\`, or split the data with data/split.`,
  });
}
