import type { UsageLine } from "@seqloom/core/store";
import { type Command, EXIT } from "../../command.js";
import { rounded } from "../../json.js";
import { shownPath } from "../../paths.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { type Paint, paintOf, takesColor } from "../../terminal/paint.js";
import { harmless } from "../../terminal/width.js";

/** What the store takes. */
export const du: Command = {
  name: "cache du",
  summary: "Say what the cache takes, by stage and by pipeline",
  positionals: [STORE_FILE],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [
    ["seqloom cache du pipelines/quickstart.yaml", "The store beside that pipeline"],
    ["SEQLOOM_HOME=/data/seqloom seqloom cache du --json", "A store elsewhere, for a script"],
  ],

  async run(args, { out }) {
    const store = await storeOf(args.positionals[0]);
    const { usageOf } = await import("@seqloom/core/store");
    const usage = await usageOf(store);
    if (args.has.has("json")) {
      const json = (lines: readonly UsageLine[]) =>
        lines.map(({ computeMs, ...line }) => ({ ...line, computeMs: rounded(computeMs) }));
      out.write(`${JSON.stringify({ ...usage, stages: json(usage.stages), pipelines: json(usage.pipelines) })}\n`);
      return EXIT.ok;
    }
    const { bytes, count } = await import("@seqloom/report/format");
    const paint = paintOf(takesColor(out));
    const parts = (["blobs", "downloads", "quarantine", "other"] as const)
      .filter((part) => usage[part] > 0)
      .map((part) => `${part === "blobs" ? "results" : part} ${bytes(usage[part])}`);
    const limit = usage.maxBytes === null ? "no limit" : `limit ${bytes(usage.maxBytes)}`;
    const taken = `${bytes(usage.total)} in ${count(usage.results, "result")}`;
    out.write(`${paint.bold(shownPath(store.directory))}  ${taken} ${paint.dim(`(${limit})`)}\n`);
    if (parts.length > 0) out.write(`${paint.dim(parts.join(" · "))}\n`);
    if (usage.pinned.length > 0) out.write(`${paint.dim("pinned")} ${usage.pinned.join(" ")}\n`);
    out.write(await table("Stage", usage.stages, paint));
    out.write(await table("Pipeline", usage.pipelines, paint));
    return EXIT.ok;
  },
};

async function table(heading: string, lines: readonly UsageLine[], paint: Paint): Promise<string> {
  if (lines.length === 0) return "";
  const [{ aligned }, { bytes, duration }] = await Promise.all([
    import("../../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const rows = lines.map(({ name, results, bytes: size, computeMs }) => [
    harmless(name),
    String(results),
    bytes(size),
    duration(computeMs),
  ]);
  const [head, ...rest] = aligned([[heading, "Results", "Size", "Time to make"], ...rows]);
  return `\n${[paint.bold(head), ...rest].join("\n")}\n`;
}
