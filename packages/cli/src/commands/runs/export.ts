import { findRun, readRun } from "@seqloom/core/engine";
import { type Command, EXIT } from "../../command.js";
import { shownPath } from "../../paths.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { RUN_ID } from "./show.js";

/** A run in one file, to be run again elsewhere. */
export const exportRunCommand: Command = {
  name: "runs export",
  summary: "Write a run into one file, from which `seqloom replay` runs it again on another machine",
  positionals: [
    { ...RUN_ID, name: "RUN" },
    {
      name: "BUNDLE",
      optional: true,
      description: "the file to write; it must not be there yet (default: run-ID.tar)",
    },
    STORE_FILE,
  ],
  flags: {
    "with-results": {
      type: "boolean",
      description: "Its results, too: replay then says which row or tensor differs, and `cache import` can take them",
    },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  notes: [
    [
      "In the bundle",
      [
        ["pipeline.yaml", "the pipeline with everything resolved"],
        ["run.json", "the run: stages, digests of outputs, measures, versions of packages, environment"],
        ["keys/", "what the key of each stage is made of"],
        ["results/, files/", "with --with-results"],
      ],
    ],
  ],
  examples: [
    ["seqloom runs export latest", "The newest run of this folder"],
    ["seqloom runs export 01JD paper.tar pipelines/quickstart.yaml --with-results", "A run with its results"],
  ],

  async run(args, { out }) {
    const [id, bundle, file] = args.positionals;
    const store = await storeOf(file);
    const record = readRun(store, findRun(store, id));
    const path = bundle ?? `run-${record.run}.tar`;
    const [{ exportRun }, { signerFor }] = await Promise.all([
      import("@seqloom/core/replay"),
      import("@seqloom/core/remote"),
    ]);
    const withResults = args.has.has("with-results");
    const done = await exportRun(store, record, path, { withResults, signer: signerFor(store.directory) });
    if (args.has.has("json")) out.write(`${JSON.stringify({ bundle: path, ...done })}\n`);
    else {
      const { bytes, count } = await import("@seqloom/report/format");
      const what = [count(done.stages, "stage"), ...(withResults ? [count(done.results, "result")] : [])];
      out.write(`${shownPath(path)}  ${what.join(", ")}, ${bytes(done.bytes)}\n`);
    }
    return EXIT.ok;
  },
};
