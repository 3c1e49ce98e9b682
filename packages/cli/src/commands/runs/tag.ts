import { findRun, readRun, tagRun, untagRun } from "@seqloom/core/engine";
import { type Command, EXIT } from "../../command.js";
import { STORE_FILE, storeOf } from "../../store-of.js";
import { RUN_ID } from "./show.js";

const TAG = { name: "TAG", description: "the name: letters, digits, - _ and ." } as const;

/** Gives a run a name. */
export const tag: Command = {
  name: "runs tag",
  summary: "Give a run a name: it is found by it, and its results are kept when the cache is cleaned",
  positionals: [RUN_ID, TAG, STORE_FILE],
  flags: {},
  examples: [["seqloom runs tag latest baseline pipelines/quickstart.yaml", "Name the newest run"]],

  async run(args, { err }) {
    const [id, name, file] = args.positionals;
    const store = await storeOf(file);
    const { run } = readRun(store, findRun(store, id));
    tagRun(store, run, name);
    err.write(`Run ${run} has the tag ${name}.\n`);
    return EXIT.ok;
  },
};

/** Takes a name from a run. */
export const untag: Command = {
  name: "runs untag",
  summary: "Take a name from a run",
  positionals: [RUN_ID, TAG, STORE_FILE],
  flags: {},
  examples: [["seqloom runs untag baseline baseline pipelines/quickstart.yaml", "Forget a name"]],

  async run(args, { err }) {
    const [id, name, file] = args.positionals;
    const store = await storeOf(file);
    const { run } = readRun(store, findRun(store, id));
    untagRun(store, run, name);
    err.write(`Run ${run} no longer has the tag ${name}.\n`);
    return EXIT.ok;
  },
};
