import { findRun } from "@seqloom/core/engine";
import { type Command, EXIT } from "../../command.js";
import { STORE_FILE, storeOf } from "../../store-of.js";

const RUN = { name: "RUN", description: "the run, by its ID or the beginning of it; `latest` is the newest" } as const;

/** Keeps the results of a run. */
export const pin: Command = {
  name: "cache pin",
  summary: "Keep the results of a run, however large the cache is",
  positionals: [RUN, STORE_FILE],
  flags: {},
  examples: [["seqloom cache pin latest pipelines/quickstart.yaml", "Keep what the newest run gave"]],

  async run({ positionals: [id, file] }, { err }) {
    const store = await storeOf(file);
    const run = findRun(store, id);
    (await import("@seqloom/core/store")).pinRun(store, run);
    err.write(`Run ${run} is pinned: its results stay.\n`);
    return EXIT.ok;
  },
};

/** Lets the results of a run go. */
export const unpin: Command = {
  name: "cache unpin",
  summary: "Let the results of a run go again",
  positionals: [RUN, STORE_FILE],
  flags: {},
  examples: [
    ["seqloom cache unpin 01KAZ3 pipelines/quickstart.yaml", "Let go what that run gave, when it is its turn"],
  ],

  async run({ positionals: [id, file] }, { err }) {
    const store = await storeOf(file);
    const run = findRun(store, id);
    (await import("@seqloom/core/store")).unpinRun(store, run);
    err.write(`Run ${run} is no longer pinned.\n`);
    return EXIT.ok;
  },
};
