import { planSweep, type Sweep, type SweepExecution, type SweepPlan } from "@seqloom/core/engine";
import { type Arguments, EXIT, type ExitCode, type Io } from "../command.js";
import { rounded } from "../json.js";
import { deviceOf } from "../open.js";
import { showProblems } from "../problems.js";
import { selectionOf } from "../selection.js";
import { storeOf } from "../store-of.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";

/** `seqloom plan` of a file with a matrix: how many executions of stages its points need, and how many there are already. */
export async function planPoints(sweep: Sweep, args: Arguments, { out, err }: Io): Promise<ExitCode> {
  const store = await storeOf(args.positionals[0]);
  const selection = selectionOf(args, sweep.pipeline);
  const planned = await planSweep(sweep, store, { ...selection, device: await deviceOf(args) });
  if (args.has.has("json")) out.write(`${JSON.stringify(planJson(planned))}\n`);
  else {
    out.write(await planText(planned, paintOf(takesColor(out))));
    if (planned.diagnostics.length > 0) await showProblems(planned.diagnostics, sweep.pipeline, err);
  }
  return planned.diagnostics.length > 0 ? EXIT.failed : EXIT.ok;
}

function planJson({ pipeline, points, executions, rungs, savedMs, diagnostics }: SweepPlan): object {
  return {
    pipeline,
    points: points.map(({ point: { id, label, values }, executions: numbers }) => ({
      id,
      label,
      values,
      stages: Object.fromEntries(numbers.map((number) => [executions[number].stage, number])),
    })),
    executions: executions.map(({ stage, use, status, key, points: serves }) => ({
      stage,
      use,
      status,
      key,
      points: serves,
    })),
    ...(rungs.length > 0 && { rungs }),
    saved_ms: rounded(savedMs),
    ...(diagnostics.length > 0 && { error: { diagnostics } }),
  };
}

async function planText({ points, executions, rungs, savedMs }: SweepPlan, paint: Paint): Promise<string> {
  const [{ aligned }, { count, duration }] = await Promise.all([
    import("../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const byStage = new Map<string, SweepExecution[]>();
  for (const one of executions) {
    const list = byStage.get(one.stage);
    if (list === undefined) byStage.set(one.stage, [one]);
    else list.push(one);
  }
  const number = (list: readonly SweepExecution[], status: SweepExecution["status"]) =>
    list.filter((one) => one.status === status).length;
  const lines = aligned([
    ["stage", "executions", "from cache", "to run"],
    ...[...byStage].map(([stage, list]) => [
      stage,
      String(list.length),
      String(number(list, "hit")),
      String(number(list, "run")),
    ]),
  ]);
  const shared = [...byStage].filter(([, list]) => list.length === 1 && points.length > 1).map(([stage]) => stage);
  const sharing = shared.length === 0 ? "share no stage" : `share ${shared.join(", ")}`;
  const [hits, broken] = [number(executions, "hit"), number(executions, "broken")];
  const counts = [
    `${hits} from cache${savedMs >= 1 ? `, saving ${duration(savedMs)}` : ""}`,
    `${number(executions, "run")} to run`,
    ...(broken > 0 ? [paint.red(`${broken} cannot run`)] : []),
  ];
  const head = `${count(points.length, "point")} ${sharing}; ${count(executions.length, "distinct stage run")}`;
  const trained = rungs.reduce(
    (sum, { points: n, epochs }, at) => sum + n * (epochs - (rungs[at - 1]?.epochs ?? 0)),
    0,
  );
  const steps = rungs.map(({ points: n, epochs }) => `${count(n, "point")} to epoch ${epochs}`).join(", then ");
  const whole = points.length * (rungs.at(-1)?.epochs ?? 0);
  const halving = rungs.length === 0 ? "" : `\n${steps}: ${trained} epochs instead of ${whole}`;
  const [title, ...rest] = lines;
  return `${head}${halving}\n\n${paint.bold(title)}\n${rest.join("\n")}\n\n${counts.join(paint.dim(" · "))}\n`;
}
