import {
  compareRuns,
  findRun,
  type MetricDifference,
  type RunDifference,
  type RunRecord,
  readRun,
  reasonText,
} from "@seqloom/core/engine";
import { type Command, EXIT } from "../command.js";
import { STORE_FILE, storeOf } from "../store-of.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { harmless } from "../terminal/width.js";
import { RUN_ID } from "./runs/show.js";

/** Says what is different between two runs. */
export const diff: Command = {
  name: "diff",
  summary: "Say what is different between two runs: parameters, stages with the reasons, measures, the machine",
  positionals: [
    { ...RUN_ID, name: "A" },
    { ...RUN_ID, name: "B", description: "the run to compare with it" },
    STORE_FILE,
  ],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [
    ["seqloom diff latest~1 latest pipelines/quickstart.yaml", "What did the last run change?"],
    ["seqloom diff baseline latest --json", "Against the run with this tag, for a script"],
  ],

  async run(args, { out }) {
    const [a, b, file] = args.positionals;
    const store = await storeOf(file);
    const [before, after] = [readRun(store, findRun(store, a)), readRun(store, findRun(store, b))];
    const difference = compareRuns(before, after, store);
    if (args.has.has("json")) {
      const stages = difference.stages.map((one) => ({ ...one, reasons: one.reasons.map(reasonText) }));
      out.write(`${JSON.stringify({ before: before.run, after: after.run, ...difference, stages })}\n`);
    } else {
      out.write(await diffText(before, after, difference, paintOf(takesColor(out))));
    }
    return EXIT.ok;
  },
};

async function diffText(
  before: RunRecord,
  after: RunRecord,
  { params, stages, metrics, environment }: RunDifference,
  paint: Paint,
): Promise<string> {
  const [{ aligned }, { moment }] = await Promise.all([
    import("../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const head = ([sign, { run, pipeline, startedAt }]: readonly [string, RunRecord]) =>
    `${sign} ${run}  ${harmless(pipeline.name)}  ${paint.dim(moment(startedAt))}`;
  const lines = [head(["A", before]), head(["B", after])];
  const value = (one: unknown) => (one === undefined ? "unset" : harmless(JSON.stringify(one)));
  if (params.length > 0) {
    const table = aligned([
      ["Parameters", "A", "B"],
      ...params.map((one) => [one.name, value(one.before), value(one.after)]),
    ]);
    lines.push("", paint.bold(table[0]), ...table.slice(1));
  }
  const signs = {
    same: paint.green("="),
    result: paint.green("≈"),
    changed: paint.blue("≠"),
    added: "+",
    removed: "−",
  };
  lines.push("", paint.bold("Stages"));
  for (const { stage, status, reasons } of stages) {
    const why = reasons.map((reason) => harmless(reasonText(reason)));
    const words = status === "result" ? ["other key, same result", ...why] : why;
    lines.push(`${signs[status]} ${harmless(stage)}${words.length === 0 ? "" : `  ${paint.dim(words.join(", "))}`}`);
  }
  const changed = metrics.filter((one) => one.before !== one.after);
  if (changed.length > 0) {
    const { measure } = await import("@seqloom/report/format");
    const number = (name: string, one: number | null) => (one === null ? "–" : measure(name, one, true));
    const table = aligned([
      ["Measures", "A", "B", "B − A", ""],
      ...changed.map((one) => [one.name, number(one.name, one.before), number(one.name, one.after), ...delta(one)]),
    ]);
    lines.push("", paint.bold(table[0]), ...table.slice(1));
  }
  if (environment.length > 0) {
    const text = (name: string, fact: unknown) =>
      harmless(name === "commit" ? String(fact).slice(0, 12) : String(fact));
    const table = aligned([
      ["Environment", "A", "B"],
      ...environment.map((one) => [one.name, text(one.name, one.before), text(one.name, one.after)]),
    ]);
    lines.push("", paint.bold(table[0]), ...table.slice(1));
  }
  if (
    environment.length === 0 &&
    params.length === 0 &&
    changed.length === 0 &&
    stages.every(({ status }) => status === "same")
  ) {
    lines.push("", "Nothing is different.");
  }
  return `${lines.join("\n")}\n`;
}

/** The difference, and as a percentage of A. */
function delta({ before, after }: MetricDifference): [string, string] {
  if (before === null || after === null) return ["", ""];
  const change = after - before;
  const sign = change > 0 ? "+" : "−";
  const size = Math.abs(change);
  const text = size >= 0.0005 ? size.toFixed(4) : size.toExponential(1);
  return [`${sign}${text}`, before === 0 ? "" : `${sign}${((size / Math.abs(before)) * 100).toFixed(1)} %`];
}
