import { type Command, EXIT } from "../../command.js";
import { listenForInterrupt } from "../../interrupt.js";
import { STORE_FILE, storeOf } from "../../store-of.js";

/** Results from one file into the store. */
export const importResults: Command = {
  name: "cache import",
  summary: "Take the results of a bundle into the cache: all of them, or none",
  positionals: [{ name: "BUNDLE", description: "a file that `seqloom cache export` wrote" }, STORE_FILE],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [["seqloom cache import results.tar pipelines/quickstart.yaml", "Into the store beside that pipeline"]],

  async run(args, { out, err }) {
    const [path, file] = args.positionals;
    const store = await storeOf(file);
    const [{ importBundle }, { trustFor }] = await Promise.all([
      import("@seqloom/core/bundle"),
      import("@seqloom/core/remote"),
    ]);
    const interrupt = listenForInterrupt();
    try {
      const done = await importBundle(store, path, trustFor(store.directory), interrupt.signal);
      if (args.has.has("json")) out.write(`${JSON.stringify({ store: store.directory, ...done })}\n`);
      else {
        const { bytes, count } = await import("@seqloom/report/format");
        out.write(
          done.results === 0
            ? "There are no results in this bundle. `seqloom replay` runs what it describes.\n"
            : `${count(done.results, "result")}, ${bytes(done.bytes)}: all in the store\n`,
        );
      }
      for (const key of done.different) {
        err.write(
          `The store has another result for ${key.slice(0, 12)}, and keeps it: the stage is not reproducible.\n`,
        );
      }
      return EXIT.ok;
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.code;
      throw error;
    } finally {
      interrupt.release();
    }
  },
};
