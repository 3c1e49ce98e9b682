import type { Diagnostic } from "@seqloom/core";
import { type Verdict, verifyPipeline } from "@seqloom/core/engine";
import { type Command, EXIT } from "../command.js";
import { listenForInterrupt } from "../interrupt.js";
import { rounded } from "../json.js";
import { DEVICE_FLAG, deviceOf, openPipeline, POINT_FLAG, SETTING_FLAGS, THREADS_FLAG, threadsOf } from "../open.js";
import { showProblems } from "../problems.js";
import { PART_POSITIONALS } from "../selection.js";
import { differenceText } from "../terminal/difference.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { harmless } from "../terminal/width.js";

/** Runs stages again and compares. */
export const verify: Command = {
  name: "verify",
  summary: "Run stages that have results again, and compare what they give byte for byte",
  positionals: [PART_POSITIONALS[0], { ...PART_POSITIONALS[1], description: "only these stages" }],
  flags: {
    ...SETTING_FLAGS,
    device: DEVICE_FLAG,
    threads: THREADS_FLAG,
    point: POINT_FLAG,
    json: { type: "boolean", description: "Print one JSON object on standard output" },
  },
  notes: [
    [
      "Exit codes",
      [
        ["0", "every stage that has a result gave it again"],
        ["1", "one gave another result or failed, or what was asked for has no result"],
      ],
    ],
  ],
  examples: [
    ["seqloom verify pipelines/quickstart.yaml", "Would everything come out the same?"],
    ["seqloom verify pipelines/quickstart.yaml model --threads 1", "The same weights with one thread?"],
  ],

  async run(args, { out, err }) {
    const [device, threads] = [await deviceOf(args), threadsOf(args)];
    const { pipeline, store } = await openPipeline(args);
    const stages = args.positionals.slice(1);
    const json = args.has.has("json");
    const paint = paintOf(takesColor(out));
    const { duration } = await import("@seqloom/report/format");
    const interrupt = listenForInterrupt();
    let verdicts: readonly Verdict[];
    try {
      verdicts = await verifyPipeline(pipeline, {
        store,
        device,
        threads,
        stages,
        signal: interrupt.signal,
        onStage: (verdict) => {
          if (!json) out.write(verdictText(verdict, paint, duration));
        },
      });
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      return interrupt.code;
    } finally {
      interrupt.release();
    }
    const bad = verdicts.some(({ status }) => status === "different" || status === "failed");
    const checked = verdicts.filter(({ status }) => status === "same" || status === "different").length;
    const missing = verdicts.length - checked > 0 && (stages.length > 0 || checked === 0);
    if (json) out.write(`${JSON.stringify({ pipeline: pipeline.name, stages: verdicts.map(verdictJson) })}\n`);
    else {
      const problems = verdicts.flatMap(({ diagnostics }): readonly Diagnostic[] => diagnostics);
      if (problems.length > 0) await showProblems(problems, pipeline, err);
    }
    return bad || missing ? EXIT.failed : EXIT.ok;
  },
};

function verdictText({ stage, status, ms, different }: Verdict, paint: Paint, duration: (ms: number) => string) {
  const name = paint.bold(harmless(stage));
  switch (status) {
    case "same":
      return `${paint.green("✓")} ${name}  the same bytes again, ${duration(ms)}\n`;
    case "no-result":
      return `${paint.dim("○")} ${name}  has no result to compare with\n`;
    case "failed":
      return `${paint.red("✗")} ${name}  could not be run again\n`;
    case "different":
      return [`${paint.red("✗")} ${name}  another result, ${duration(ms)}`, ...different.map(differenceText), ""].join(
        "\n",
      );
  }
}

function verdictJson({ ms, ...verdict }: Verdict): object {
  return { ...verdict, ms: rounded(ms) };
}
