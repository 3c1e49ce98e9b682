import { type Command, EXIT } from "../../command.js";
import { listenForInterrupt } from "../../interrupt.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { paintOf, takesColor } from "../../terminal/paint.js";
import { harmless } from "../../terminal/width.js";

/** Whether the store still holds what was put into it. */
export const verify: Command = {
  name: "cache verify",
  summary: "Read every stored file and compare it with its digest; what is damaged is made again",
  positionals: [STORE_FILE],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  notes: [
    [
      "Exit codes",
      [
        ["0", "every stored file is what it was when it was written"],
        ["1", "something was damaged: it is set aside, and the next run makes it again"],
      ],
    ],
  ],
  examples: [
    ["seqloom cache verify pipelines/quickstart.yaml", "The store beside that pipeline"],
    ["seqloom cache verify --json", "For a script"],
  ],

  async run(args, { out }) {
    const store = await storeOf(args.positionals[0]);
    const { checkStore } = await import("@seqloom/core/store");
    const interrupt = listenForInterrupt();
    try {
      const checked = await checkStore(store, { signal: interrupt.signal });
      const code = checked.damaged.length === 0 ? EXIT.ok : EXIT.failed;
      if (args.has.has("json")) {
        out.write(`${JSON.stringify({ store: store.directory, ...checked })}\n`);
        return code;
      }
      const { bytes, count } = await import("@seqloom/report/format");
      const paint = paintOf(takesColor(out));
      for (const { key, use, file, problem } of checked.damaged) {
        out.write(`${paint.red("✗")} ${harmless(use ?? "result")} ${key.slice(0, 12)}  ${harmless(file)} ${problem}\n`);
      }
      const what = `${count(checked.results, "result")}, ${count(checked.files, "file")}, ${bytes(checked.bytes)}`;
      out.write(
        code === EXIT.ok
          ? `${paint.green("✓")} ${what}: all as they were written\n`
          : `${count(checked.damaged.length, "damaged file")} of ${what}: set aside. The next run makes them again.\n`,
      );
      return code;
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.code;
      throw error;
    } finally {
      interrupt.release();
    }
  },
};
