import type { Key } from "@seqloom/core";
import { listRuns, readRun, type Store } from "@seqloom/core/engine";
import { type Command, EXIT, flagValue, UsageError } from "../../command.js";
import { shownPath } from "../../paths.js";
import { STORE_FILE, storeOf } from "../../store-of.js";

/** Results of a run in one file. */
export const exportResults: Command = {
  name: "cache export",
  summary: "Write the results of a run into one file, for another store",
  positionals: [{ name: "BUNDLE", description: "the file to write; it must not be there yet" }, STORE_FILE],
  flags: {
    run: { type: "string", value: "ID", description: "The run whose results are meant (default: the newest)" },
    stage: { type: "string", value: "NAME", multiple: true, description: "Only the results of this stage" },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  examples: [
    ["seqloom cache export results.tar pipelines/quickstart.yaml", "All results of the newest run"],
    ["seqloom cache export model.tar --stage model", "One result"],
  ],

  async run(args, { out }) {
    const [path, file] = args.positionals;
    const store = await storeOf(file);
    const keys = keysOf(store, flagValue(args, "run"), args.values.stage ?? []);
    const [{ exportBundle }, { signerFor }] = await Promise.all([
      import("@seqloom/core/bundle"),
      import("@seqloom/core/remote"),
    ]);
    const done = await exportBundle(store, keys, path, signerFor(store.directory));
    if (args.has.has("json")) out.write(`${JSON.stringify({ bundle: path, ...done })}\n`);
    else {
      const { bytes, count } = await import("@seqloom/report/format");
      out.write(`${shownPath(path)}  ${count(done.results, "result")}, ${bytes(done.bytes)}\n`);
    }
    return EXIT.ok;
  },
};

function keysOf(store: Store, run: string | undefined, stages: readonly string[]): Key[] {
  const id = run ?? listRuns(store, 1)[0]?.run;
  if (id === undefined) throw new UsageError("there are no runs in this store", "seqloom run FILE makes one.");
  const record = readRun(store, id);
  const names = record.stages.map(({ name }) => name);
  const unknown = stages.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`the run has no stage "${unknown}"`, `It has: ${names.join(", ")}.`);
  }
  const wanted = record.stages.filter(({ name }) => stages.length === 0 || stages.includes(name));
  return wanted.flatMap(({ key, status }) => (key !== null && (status === "hit" || status === "run") ? [key] : []));
}
