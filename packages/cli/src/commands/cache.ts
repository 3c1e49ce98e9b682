import type { CommandGroup } from "../command.js";

/** What looks after the store. */
export const cache: CommandGroup = {
  name: "cache",
  summary: "Look after the cache: what it takes, what may go, whether it is sound, who uses it",
  commands: {
    du: {
      summary: "Say what the cache takes, by stage and by pipeline",
      load: async () => (await import("./cache/du.js")).du,
    },
    gc: {
      summary: "Collect what nobody needs; runs do so by themselves when the cache is too large",
      load: async () => (await import("./cache/gc.js")).gc,
    },
    pin: {
      summary: "Keep the results of a run, however large the cache is",
      load: async () => (await import("./cache/pin.js")).pin,
    },
    unpin: {
      summary: "Let the results of a run go again",
      load: async () => (await import("./cache/pin.js")).unpin,
    },
    verify: {
      summary: "Read every stored file and compare it with its digest; what is damaged is made again",
      load: async () => (await import("./cache/verify.js")).verify,
    },
    locks: {
      summary: "Show which runs compute something now, and how far they are",
      load: async () => (await import("./cache/locks.js")).locks,
    },
    export: {
      summary: "Write the results of a run into one file, for another store",
      load: async () => (await import("./cache/export.js")).exportResults,
    },
    import: {
      summary: "Take the results of a bundle into the cache: all of them, or none",
      load: async () => (await import("./cache/import.js")).importResults,
    },
    serve: {
      summary: "Serve a folder as a remote cache for a team, over HTTP",
      load: async () => (await import("./cache/serve.js")).serve,
    },
    keygen: {
      summary: "Make a pair of keys to sign what is published to a remote cache",
      load: async () => (await import("./cache/keygen.js")).keygen,
    },
  },
  examples: [
    ["seqloom cache du", "What takes the space"],
    ["seqloom cache gc --dry", "What would go if it were collected now"],
    ["seqloom help cache verify", "More about one of these commands"],
  ],
};
