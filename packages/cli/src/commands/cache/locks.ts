import { type Command, EXIT } from "../../command.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { paintOf, takesColor } from "../../terminal/paint.js";
import { harmless } from "../../terminal/width.js";

/** Who computes something in this store now. */
export const locks: Command = {
  name: "cache locks",
  summary: "Show which runs compute something now, and how far they are",
  positionals: [STORE_FILE],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [["seqloom cache locks pipelines/quickstart.yaml", "Who uses the store beside that pipeline"]],

  async run(args, { out, err }) {
    const store = await storeOf(args.positionals[0]);
    const { listLocks } = await import("@seqloom/core/store");
    const found = await listLocks(store);
    if (args.has.has("json")) {
      out.write(`${JSON.stringify({ store: store.directory, locks: found })}\n`);
      return EXIT.ok;
    }
    if (found.length === 0) {
      err.write("Nothing is being computed in this store.\n");
      return EXIT.ok;
    }
    const [{ aligned }, { moment }] = await Promise.all([
      import("../../terminal/summary.js"),
      import("@seqloom/report/format"),
    ]);
    const rows = found.map(({ name, holder }) =>
      holder === null
        ? [name.slice(0, 12), "", "does not answer", "", "", ""]
        : [
            name.startsWith("device-") ? name : name.slice(0, 12),
            harmless(holder.stage),
            harmless(holder.run),
            `${holder.pid} on ${harmless(holder.host)}`,
            moment(holder.since),
            harmless(holder.progress ?? ""),
          ],
    );
    const [head, ...rest] = aligned([["Lock", "Stage", "Run", "Process", "Since", "Progress"], ...rows]);
    out.write([paintOf(takesColor(out)).bold(head), ...rest].map((line) => `${line}\n`).join(""));
    return EXIT.ok;
  },
};
