import { objectiveOf, paretoFront, runRows } from "@seqloom/core/engine";
import { type Command, EXIT, flagValue } from "../../command.js";
import { wholeNumber } from "../../parse.js";
import {
  type Column,
  columnNamed,
  columnsOf,
  conditionOf,
  csv,
  markdown,
  rowsOf,
  sortRows,
  text,
} from "../../run-table.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { paintOf, takesColor } from "../../terminal/paint.js";

/** Puts runs side by side. */
export const table: Command = {
  name: "runs table",
  summary: "Put runs side by side: the parameters that differ, measures, time; runs with the same results once",
  positionals: [STORE_FILE],
  flags: {
    where: {
      type: "string",
      value: "NAME=VALUE",
      multiple: true,
      description: "Only runs of which this is true; also != < <= > >=: accuracy>0.9, pipeline=movie-reviews, tag=best",
    },
    sort: {
      type: "string",
      value: "NAME,…",
      description: "By these columns; -NAME for the largest first (default: the newest first)",
    },
    pareto: {
      type: "string",
      value: "NAME,…",
      description: "Only runs that no other beats in all of these: accuracy large, loss and seconds small",
    },
    columns: { type: "string", value: "NAME,…", description: "These columns, in this order" },
    limit: { type: "string", value: "N", description: "At most so many rows" },
    all: { type: "boolean", description: "Runs with the same results too" },
    csv: { type: "boolean", description: "Print CSV" },
    md: { type: "boolean", description: "Print a Markdown table" },
    json: { type: "boolean", description: "Print JSON" },
  },
  examples: [
    ["seqloom runs table pipelines/quickstart.yaml --sort -scores.accuracy", "The most accurate first"],
    ["seqloom runs table sweep.yaml --where units=64 --csv", "Some of them, for a spreadsheet"],
    ["seqloom runs table sweep.yaml --pareto accuracy,seconds", "Those worth choosing from"],
  ],

  async run(args, { out, err }) {
    const store = await storeOf(args.positionals[0]);
    const all = runRows(store);
    const seen = new Set<string>();
    const distinct = all.filter(({ results }) => args.has.has("all") || !(seen.has(results) || !seen.add(results)));
    let rows = rowsOf(distinct);
    for (const condition of args.values.where ?? []) rows = rows.filter(conditionOf(condition, rows));
    const pareto = flagValue(args, "pareto");
    if (pareto !== undefined) {
      const objectives = pareto.split(",").map((name) => objectiveOf(columnNamed(name, rows)));
      const front = paretoFront(rows, objectives);
      rows = rows.filter((_, at) => front[at]);
    }
    rows = sortRows(rows, flagValue(args, "sort"));
    const limit = flagValue(args, "limit");
    if (limit !== undefined) rows = rows.slice(0, wholeNumber("limit", limit, 1));
    const chosen = flagValue(args, "columns");
    const columns: readonly Column[] =
      chosen === undefined ? columnsOf(rows) : chosen.split(",").map((name) => columnNamed(name, rows));
    if (args.has.has("json")) out.write(`${JSON.stringify({ columns, rows })}\n`);
    else if (args.has.has("csv")) out.write(csv(columns, rows));
    else if (args.has.has("md")) out.write(markdown(columns, rows));
    else if (rows.length === 0) err.write("No run is like that.\n");
    else out.write(await text(columns, rows, out.columns, paintOf(takesColor(out))));
    return EXIT.ok;
  },
};
