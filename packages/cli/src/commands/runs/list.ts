import { listRuns, type RunSummary, type Store, tagsOf } from "@seqloom/core/engine";
import { type Command, EXIT, flagValue } from "../../command.js";
import { wholeNumber } from "../../parse.js";
import { shownPath } from "../../paths.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { type Paint, paintOf, takesColor } from "../../terminal/paint.js";
import { cut } from "../../terminal/width.js";

/** Lists runs. */
export const list: Command = {
  name: "runs list",
  summary: "List earlier runs, the newest first; `seqloom runs` is the same",
  positionals: [STORE_FILE],
  flags: {
    limit: { type: "string", value: "N", description: "At most so many, newest first (default 20)" },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  examples: [
    ["seqloom runs pipelines/quickstart.yaml", "The newest runs, with what they measured"],
    ["seqloom runs --json --limit 100", "For a script"],
  ],

  async run(args, io) {
    const [file] = args.positionals;
    const store = await storeOf(file);
    const limit = flagValue(args, "limit");
    const all = listRuns(store, limit === undefined ? 20 : wholeNumber("limit", limit, 1));
    if (args.has.has("json")) {
      io.out.write(`${JSON.stringify({ runs: all.map((run) => ({ ...run, tags: tagsOf(store, run.run) })) })}\n`);
    } else if (all.length === 0) {
      io.err.write(`There are no runs in ${shownPath(store.directory)} yet. \`seqloom run FILE\` makes one.\n`);
    } else {
      io.out.write(await listText(all, store, io.out.columns, paintOf(takesColor(io.out))));
    }
    return EXIT.ok;
  },
};

async function listText(
  all: readonly RunSummary[],
  store: Store,
  columns: number | undefined,
  paint: Paint,
): Promise<string> {
  const [{ aligned }, { duration, measure, moment }] = await Promise.all([
    import("../../terminal/summary.js"),
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
      accuracy: [...accuracy, ...(run.point === undefined ? [] : [run.point]), ...tagsOf(store, run.run)].join("  "),
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
