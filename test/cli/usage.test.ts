import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../packages/cli/src/commands/index.js";
import { seqloom } from "./support.js";

const NAMES = ["run", "plan", "predict", "graph", "stages", "runs"];

describe("help", () => {
  it("lists the commands", () => {
    const { code, out, err } = seqloom(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatchInlineSnapshot(`
      "Declarative pipelines for sequence machine learning.

      Usage
        seqloom COMMAND [arguments] [flags]

      Commands
        run      Run a pipeline: what changed is computed, the rest comes from the cache
        plan     Say what run would do, stage by stage, and why
        explain  Say why a stage would run, or how its key differs from an earlier one
        watch    Run a pipeline, and again after each edit of it, of its data or of its own stages
        verify   Run stages that have results again, and compare what they give byte for byte
        predict  Predict with the trained pipeline: its stages, with what they learned
        export   Write a trained model into a folder for other tools: weights, Keras' JSON, vocabularies
        render   Print a pipeline file with everything resolved: defaults, references, ports
        graph    Draw the graph of a pipeline: SVG, Mermaid, Graphviz or JSON
        stages   List the stages that there are; with an ID, show its parameters and examples
        runs     List, show, compare in a table, tag and export earlier runs
        diff     Say what is different between two runs: parameters, stages, measures, machine
        trace    Say where a result comes from, back to the files
        replay   Run a run from a bundle again, and name the first stage that comes out otherwise
        cache    Look after the cache: what it takes, what may go, whether it is sound, who uses it
        bless    Accept the stored result of a stage for its new code, after a refactor that changes no
                 result
        doctor   Say what this machine has for Seqloom: Node, threads, GPUs, TensorFlow, disk, store,
                 mirror
        schema   Write a JSON Schema for editors: exactly the stages that are installed, and those of the
                 project

      Flags
        -h, --help     Show this help; after a command, the help of that command
        -v, --version  Show the version

      Examples
        seqloom run pipelines/quickstart.yaml
        seqloom run pipelines/quickstart.yaml --set params.units=64
        seqloom predict pipelines/quickstart.yaml --text "dull at first, then brilliant"
        seqloom help run

      Results are kept in .seqloom beside the pipeline, or in the folder that SEQLOOM_HOME names.
      "
    `);
  });

  it("shows arguments, flags and examples of a command", () => {
    expect(seqloom(["help", "graph"]).out).toMatchInlineSnapshot(`
      "Draw the graph of a pipeline: SVG, Mermaid, Graphviz or JSON

      Usage
        seqloom graph FILE [flags]

      Arguments
        FILE  the pipeline file

      Flags
            --format svg|mermaid|dot|json  The form; by the ending of --output, else mermaid
        -o, --output PATH                  Write to a file (default: standard output)
            --status                       Colour the stages by what the cache has
            --set PATH=VALUE …             Replace a value of the file: params.units=64,
                                           stages.model.with.epochs=5
            --seed N                       Replace the seed of the file
            --point NAME=VALUE,… …         A point of the file's matrix: its label, its id, or values of
                                           parameters
        -h, --help                         Show this help

      Examples
        # A picture
        seqloom graph pipelines/quickstart.yaml -o quickstart.svg
        # For a Markdown file
        seqloom graph pipelines/quickstart.yaml --format mermaid
        # For Graphviz
        seqloom graph pipelines/quickstart.yaml --format dot | dot -Tpdf > quickstart.pdf
      "
    `);
  });

  it.each(NAMES)("is the same for help %s and %s --help, with examples that begin with the command", (name) => {
    const { code, out } = seqloom(["help", name]);
    expect(code).toBe(0);
    expect(seqloom([name, "--whatever", "--help"]).out).toBe(out);
    expect(out).toMatch(new RegExp(`Examples\\n(  #.*\\n  .*seqloom ${name}.*\\n)+`));
  });

  it.each(NAMES)("says of %s the same in the list as in its own help", async (name) => {
    expect((await COMMANDS[name].load()).summary).toBe(COMMANDS[name].summary);
  });

  it("shows the version of the package", () => {
    const manifest = new URL("../../packages/cli/package.json", import.meta.url);
    expect(seqloom(["--version"]).out).toBe(`${JSON.parse(readFileSync(manifest, "utf8")).version}\n`);
  });
});

describe("a call that is wrong", () => {
  it.each([
    [["rnu", "x.yaml"], 'there is no command "rnu"', 'Did you mean "run"?'],
    [["help", "plna"], 'there is no command "plna"', 'Did you mean "plan"?'],
    [["--set", "a=b"], "there is no flag --set", "Flags come after the command"],
    [["run"], "seqloom run needs FILE", "seqloom run pipelines/quickstart.yaml"],
    [["graph", "a.yaml", "b.yaml"], 'does not know what to do with "b.yaml"', "seqloom help graph"],
    [["run", "a.yaml", "--sede", "3"], "has no flag --sede", "Did you mean --seed?"],
    [["run", "a.yaml", "-x"], "has no flag -x", "It has:"],
    [["run", "a.yaml", "--seed", "abc"], '--seed is "abc"', "a whole number from 0"],
    [["run", "a.yaml", "--seed"], "--seed needs a value", "--seed N"],
    [["run", "a.yaml", "--seed", "1", "--seed", "2"], "--seed is given twice", "Give it once"],
    [["run", "a.yaml", "--json=yes"], "--json takes no value", "Write --json alone"],
    [["run", "a.yaml", "--set", "units"], '--set "units" is not PATH=VALUE', "--set params.units=64"],
    [["run", "a.yaml", "--threads", "0"], '--threads is "0"', "from 1"],
    [["run", "a.yaml", "--device", "sim"], 'there is no device "sim"', 'Did you mean "simd"?'],
    [["graph", "a.yaml", "--format", "sgv"], 'there is no format "sgv"', 'Did you mean "svg"?'],
    [["graph", "a.yaml", "-o", "x.png"], 'cannot tell from "x.png" which format to write', ".svg, .mmd"],
    [["graph", "a.yaml", "-o", "picture"], 'cannot tell from "picture"', "--format svg|mermaid|dot|json"],
    [["run", "a.yaml", "--force", "model"], 'does not know what to do with "model"', "Did you mean --force=model?"],
    [["run", "--force", "model", "a.yaml"], 'does not know what to do with "model"', "Did you mean --force=model?"],
    [["predict", "a.yaml", "--file", ""], "--file needs a value", "--file FILE"],
    [["stages", "text/tokenise"], 'there is no stage "text/tokenise"', 'Did you mean "text/tokenize"?'],
    [["runs", "show"], "needs ID: a run", "seqloom runs"],
    [["runs", "a.yaml", "b.yaml"], 'does not know what to do with "b.yaml"', "seqloom help runs"],
    [["predict", "a.yaml", "--text", "x", "--file", "y"], "--text and --file are both given", "Give one"],
  ])("%j: exit code 2, what is wrong, and what to write instead", (args, message, hint) => {
    const { code, out, err } = seqloom(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });

  it("is one object on standard output with --json", () => {
    const { code, out, err } = seqloom(["run", "a.yaml", "--sede", "3", "--json"]);
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out)).toMatchObject({ error: { diagnostics: [{ code: "usage", severity: "error" }] } });
  });

  it("shows the help and fails when there is no command at all", () => {
    const { code, out } = seqloom([]);
    expect(code).toBe(2);
    expect(out).toContain("Usage");
  });
});
