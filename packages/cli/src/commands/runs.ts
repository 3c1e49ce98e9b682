import type { CommandGroup } from "../command.js";

/** What looks at earlier runs. Without a command of its own it lists them. */
export const runs: CommandGroup = {
  name: "runs",
  summary: "List, show, compare in a table, tag and export earlier runs",
  byDefault: "list",
  commands: {
    list: { summary: "List earlier runs, the newest first", load: async () => (await import("./runs/list.js")).list },
    show: { summary: "Show one run, or one sweep", load: async () => (await import("./runs/show.js")).show },
    table: {
      summary: "Put runs side by side: parameters, measures, time",
      load: async () => (await import("./runs/table.js")).table,
    },
    tag: {
      summary: "Give a run a name; its results are then kept",
      load: async () => (await import("./runs/tag.js")).tag,
    },
    untag: { summary: "Take a name from a run", load: async () => (await import("./runs/tag.js")).untag },
    export: {
      summary: "Write a run into one file, from which `seqloom replay` runs it again on another machine",
      load: async () => (await import("./runs/export.js")).exportRunCommand,
    },
  },
  examples: [
    ["seqloom runs pipelines/quickstart.yaml", "The newest runs, with what they measured"],
    ["seqloom runs show latest pipelines/quickstart.yaml", "The newest run"],
    ["seqloom runs table pipelines/quickstart.yaml --sort -scores.accuracy", "All, the best first"],
    ["seqloom runs tag latest baseline", "Give the newest run a name"],
    ["seqloom runs export baseline", "Write it into a file, to be run again elsewhere"],
  ],
};
