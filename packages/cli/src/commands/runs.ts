import { listRuns, type RunSummary, readRun, reasonText } from "@seqloom/core/engine";
import { type Arguments, type Command, EXIT, type ExitCode, flagValue, type Io, UsageError } from "../command.js";
import { runJson } from "../json.js";
import { wholeNumber } from "../parse.js";
import { shownPath } from "../paths.js";
import { showProblems } from "../problems.js";
import { fullRunId, STORE_FILE, storeOf } from "../store-of.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { cut, harmless } from "../terminal/width.js";

/** Lists runs, or shows one. */
export const runs: Command = {
  name: "runs",
  summary: "List earlier runs; `runs show ID` shows one",
  positionals: [
    {
      name: "show",
      optional: true,
      description: "show one run, by its ID or the beginning of it; `latest` is the newest",
    },
    { name: "ID", optional: true, description: "the run to show" },
    STORE_FILE,
  ],
  flags: {
    limit: { type: "string", value: "N", description: "At most so many, newest first (default 20)" },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  examples: [
    ["seqloom runs pipelines/quickstart.yaml", "The newest runs, with what they measured"],
    ["seqloom runs show latest pipelines/quickstart.yaml", "The newest run"],
    ["seqloom runs --json --limit 100", "For a script"],
  ],

  async run(args, io) {
    if (args.positionals[0] === "show") return show(args, io);
    if (args.positionals.length > 1) {
      throw new UsageError(
        `seqloom runs does not know what to do with "${args.positionals[1]}"`,
        "See seqloom help runs.",
      );
    }
    const [file] = args.positionals;
    const store = await storeOf(file);
    const limit = flagValue(args, "limit");
    const all = listRuns(store, limit === undefined ? 20 : wholeNumber("limit", limit, 1));
    if (args.has.has("json")) {
      io.out.write(`${JSON.stringify({ runs: all })}\n`);
    } else if (all.length === 0) {
      io.err.write(`There are no runs in ${shownPath(store.directory)} yet. \`seqloom run FILE\` makes one.\n`);
    } else {
      io.out.write(await listText(all, io.out.columns, paintOf(takesColor(io.out))));
    }
    return EXIT.ok;
  },
};

async function show(args: Arguments, { out, err }: Io): Promise<ExitCode> {
  const [, id, file] = args.positionals;
  if (id === undefined) throw new UsageError("seqloom runs show needs the ID of a run", "seqloom runs lists them.");
  const store = await storeOf(file);
  const record = readRun(store, fullRunId(store, id));
  if (args.has.has("json")) {
    out.write(`${JSON.stringify(runJson(record))}\n`);
    return EXIT.ok;
  }
  const [{ plainReporter }, { summary }, { moment }] = await Promise.all([
    import("../terminal/plain.js"),
    import("../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const paint = paintOf(takesColor(out));
  out.write(
    `${paint.bold(record.pipeline.name)}  ${record.run}  ${record.status}  ${paint.dim(moment(record.startedAt))}\n\n`,
  );
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
}

async function listText(all: readonly RunSummary[], columns: number | undefined, paint: Paint): Promise<string> {
  const [{ aligned }, { duration, measure, moment }] = await Promise.all([
    import("../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const rows = all.map((run) => {
    const { hit, run: ran, failed } = run.stages;
    const accuracy = Object.entries(run.metrics)
      .filter(([, metrics]) => "accuracy" in metrics && !("epochs" in metrics))
      .map(([stage, metrics]) => `${stage} ${measure("accuracy", metrics.accuracy)}`);
    return {
      cells: [
        run.run,
        run.pipeline,
        run.status,
        moment(run.startedAt),
        run.seconds === null ? "–" : duration(run.seconds * 1000),
        `${hit} hit, ${ran} ran${failed > 0 ? `, ${failed} failed` : ""}`,
      ],
      accuracy: accuracy.join("  "),
    };
  });
  const lines = aligned([
    ["Run", "Pipeline", "Status", "Started", "Took", "Stages"],
    ...rows.map(({ cells }) => cells),
  ]);
  const measuredAny = rows.some(({ accuracy }) => accuracy !== "");
  return lines
    .map((line, at) => `${line}  ${at === 0 ? (measuredAny ? "Accuracy" : "") : rows[at - 1].accuracy}`.trimEnd())
    .map((line) => (columns === undefined ? line : cut(line, columns - 1)))
    .map((line, at) => `${at === 0 ? paint.bold(line) : line}\n`)
    .join("");
}
