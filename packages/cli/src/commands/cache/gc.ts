import type { Collected, Evicted } from "@seqloom/core/store";
import { type Command, EXIT, flagValue } from "../../command.js";
import { listenForInterrupt } from "../../interrupt.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { type Paint, paintOf, takesColor } from "../../terminal/paint.js";
import { harmless } from "../../terminal/width.js";

/** Collects what may go. */
export const gc: Command = {
  name: "cache gc",
  summary: "Collect what nobody needs; runs do so by themselves when the cache is too large",
  positionals: [STORE_FILE],
  flags: {
    dry: { type: "boolean", description: "Only say what would go, and why" },
    "max-size": { type: "string", value: "SIZE", description: "How large the cache may be: 5GB, 500MB, 0, off" },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  notes: [
    [
      "What stays, whatever the size",
      [
        ["last runs", "results of the last 5 runs of every pipeline (keep_runs in config.json of the cache)"],
        ["pinned", "results of runs that are pinned or tagged"],
        ["in use", "what runs that are going on use, and what was used within the last hour"],
      ],
    ],
    [
      "What goes first",
      [["", "What is cheapest to make again for its size, and was used least in the last thirty days"]],
    ],
  ],
  examples: [
    ["seqloom cache gc --dry", "What would go"],
    ["seqloom cache gc --max-size 5GB", "Make the cache smaller than it may be"],
  ],

  async run(args, { out }) {
    const store = await storeOf(args.positionals[0]);
    const { collect, parseSize } = await import("@seqloom/core/store");
    const size = flagValue(args, "max-size");
    const dry = args.has.has("dry");
    const interrupt = listenForInterrupt();
    try {
      const maxBytes = size === undefined ? undefined : parseSize(size, "--max-size");
      const collected = await collect(store, { dry, maxBytes, signal: interrupt.signal });
      if (args.has.has("json")) out.write(`${JSON.stringify({ store: store.directory, dry, ...collected })}\n`);
      else out.write(await text(collected, dry, paintOf(takesColor(out))));
      return EXIT.ok;
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.code;
      throw error;
    } finally {
      interrupt.release();
    }
  },
};

async function text(collected: Collected, dry: boolean, paint: Paint): Promise<string> {
  const [{ aligned }, { bytes, count, duration, moment }] = await Promise.all([
    import("../../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const { evicted, litter, freed, kept, maxBytes } = collected;
  const row = (one: Evicted) => [
    one.kind === "download" ? "download" : harmless(one.use ?? "result"),
    one.id.slice(0, 12),
    bytes(one.bytes),
    duration(one.computeMs),
    String(one.uses),
    moment(one.usedAt),
  ];
  const table = aligned([["Goes", "", "Size", "Time to make", "Uses", "Last used"], ...evicted.map(row)]);
  const limit = maxBytes === null ? "no limit" : `limit ${bytes(maxBytes)}`;
  const lines = [
    ...(evicted.length === 0 ? [] : [paint.bold(table[0]), ...table.slice(1), ""]),
    ...(litter.files === 0 ? [] : [`${count(litter.files, "file")} of no result, ${bytes(litter.bytes)}`]),
    `${dry ? "Would free" : "Freed"} ${bytes(freed)}; ${bytes(kept)} ${dry ? "would stay" : "stay"} (${limit})`,
  ];
  if (maxBytes !== null && kept > maxBytes) {
    const staying = `${bytes(collected.protected)} of it stay whatever the limit`;
    lines.push(`${staying}: last runs, pinned and tagged runs, and what was used within the last hour.`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
