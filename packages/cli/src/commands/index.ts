import type { CommandList } from "../command.js";

/** Every command. */
export const COMMANDS: CommandList = {
  run: {
    summary: "Run a pipeline: what changed is computed, the rest comes from the cache",
    load: async () => (await import("./run.js")).run,
  },
  plan: {
    summary: "Say what run would do, stage by stage, and why",
    load: async () => (await import("./plan.js")).plan,
  },
  explain: {
    summary: "Say why a stage would run, or how its key differs from an earlier one",
    load: async () => (await import("./explain.js")).explain,
  },
  watch: {
    summary: "Run a pipeline, and again after each edit of it, of its data or of its own stages",
    load: async () => (await import("./watch.js")).watch,
  },
  verify: {
    summary: "Run stages that have results again, and compare what they give byte for byte",
    load: async () => (await import("./verify.js")).verify,
  },
  predict: {
    summary: "Predict with the trained pipeline: its stages, with what they learned",
    load: async () => (await import("./predict.js")).predict,
  },
  export: {
    summary: "Write a trained model into a folder for other tools: weights, Keras' JSON, vocabularies",
    load: async () => (await import("./export.js")).exportCommand,
  },
  render: {
    summary: "Print a pipeline file with everything resolved: defaults, references, ports",
    load: async () => (await import("./render.js")).render,
  },
  graph: {
    summary: "Draw the graph of a pipeline: SVG, Mermaid, Graphviz or JSON",
    load: async () => (await import("./graph.js")).graph,
  },
  stages: {
    summary: "List the stages that there are; with an ID, show its parameters and examples",
    load: async () => (await import("./stages.js")).stages,
  },
  runs: {
    summary: "List, show, compare in a table, tag and export earlier runs",
    load: async () => (await import("./runs.js")).runs,
  },
  diff: {
    summary: "Say what is different between two runs: parameters, stages, measures, machine",
    load: async () => (await import("./diff.js")).diff,
  },
  trace: {
    summary: "Say where a result comes from, back to the files",
    load: async () => (await import("./trace.js")).trace,
  },
  replay: {
    summary: "Run a run from a bundle again, and name the first stage that comes out otherwise",
    load: async () => (await import("./replay.js")).replay,
  },
  cache: {
    summary: "Look after the cache: what it takes, what may go, whether it is sound, who uses it",
    load: async () => (await import("./cache.js")).cache,
  },
  bless: {
    summary: "Accept the stored result of a stage for its new code, after a refactor that changes no result",
    load: async () => (await import("./bless.js")).bless,
  },
  doctor: {
    summary: "Say what this machine has for Seqloom: Node, threads, GPUs, TensorFlow, disk, store, mirror",
    load: async () => (await import("./doctor.js")).doctor,
  },
  schema: {
    summary: "Write a JSON Schema for editors: exactly the stages that are installed, and those of the project",
    load: async () => (await import("./schema.js")).schema,
  },
};
