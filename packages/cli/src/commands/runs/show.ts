import { findRun, findSweep, type RunRecord, readRun, reasonText, tagsOf } from "@seqloom/core/engine";
import { type Command, EXIT } from "../../command.js";
import { runJson } from "../../json.js";
import { shownPath } from "../../paths.js";
import { showProblems } from "../../problems.js";
import { shellWord } from "../../shell.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { paintOf, takesColor } from "../../terminal/paint.js";
import { harmless } from "../../terminal/width.js";

/** What names a run in a call. */
export const RUN_ID = {
  name: "ID",
  description: "a run: its id or the beginning of it, a tag, `latest`, or `latest~1` for the one before",
} as const;

/** The call and the commit that a run came from, as far as they are known. */
function originOf({ command, git }: RunRecord): string[] {
  const changes = git?.dirty === true ? ", with changes that are not committed" : "";
  return [
    ...(command === undefined ? [] : [`$ ${command.map(shellWord).join(" ")}`]),
    ...(git === undefined ? [] : [`at ${git.commit.slice(0, 12)}${git.branch ? ` (${git.branch})` : ""}${changes}`]),
  ];
}

/** Shows one run, or one sweep. */
export const show: Command = {
  name: "runs show",
  summary: "Show one run, or one sweep: its stages, why they ran, what was measured",
  positionals: [RUN_ID, STORE_FILE],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [
    ["seqloom runs show latest pipelines/quickstart.yaml", "The newest run"],
    ["seqloom runs show baseline --json", "The run that has this tag, for a script"],
  ],

  async run(args, { out, err }) {
    const [id, file] = args.positionals;
    const store = await storeOf(file);
    const run = findRun(store, id);
    const sweep = findSweep(store, run);
    const paint = paintOf(takesColor(out));
    const { moment } = await import("@seqloom/report/format");
    if (sweep !== null) {
      const [{ sweepJson }, { sweepSummary }] = await Promise.all([
        import("../../sweeps/json.js"),
        import("../../sweeps/summary.js"),
      ]);
      if (args.has.has("json")) {
        out.write(`${JSON.stringify(sweepJson(sweep))}\n`);
        return EXIT.ok;
      }
      const report = sweep.report === null ? "" : `\n${paint.dim("Report")}  ${shownPath(sweep.report)}\n`;
      out.write(
        `${paint.bold(sweep.pipeline)}  ${sweep.sweep}  ${sweep.status}  ${paint.dim(moment(sweep.startedAt))}\n\n`,
      );
      out.write(`${sweepSummary(sweep, out.columns ?? 100, paint)}${report}`);
      return EXIT.ok;
    }
    const record = readRun(store, run);
    if (args.has.has("json")) {
      out.write(`${JSON.stringify(runJson(record))}\n`);
      return EXIT.ok;
    }
    const [{ plainReporter }, { summary }] = await Promise.all([
      import("../../terminal/plain.js"),
      import("../../terminal/summary.js"),
    ]);
    const names = [...(record.point === undefined ? [] : [record.point.label]), ...tagsOf(store, run)];
    out.write(
      `${paint.bold(record.pipeline.name)}  ${[record.run, record.status, ...names].join("  ")}  ${paint.dim(moment(record.startedAt))}\n\n`,
    );
    const origin = originOf(record);
    if (origin.length > 0) out.write(`${origin.map((line) => paint.dim(harmless(line))).join("\n")}\n\n`);
    const { listener } = plainReporter(record.pipeline, (text) => void out.write(text), paint);
    for (const result of record.stages) {
      listener({ type: "stage-finished", stage: result.name, result });
      for (const reason of result.reasons) out.write(paint.dim(`    ${harmless(reasonText(reason))}\n`));
    }
    const problems = record.stages.flatMap(({ diagnostics }) => diagnostics).concat(record.diagnostics ?? []);
    if (problems.length > 0) await showProblems(problems, record.pipeline, err);
    const report = record.report === null ? "" : `\n\n${paint.dim("Report")}  ${shownPath(record.report)}`;
    out.write(`\n${summary(record, out.columns ?? 100, paint)}${report}\n`);
    return EXIT.ok;
  },
};
