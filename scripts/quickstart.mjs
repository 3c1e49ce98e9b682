/** @file The first command of the README: set-up, then the quickstart pipeline. */
import { run } from "./run.mjs";

await import("./setup.mjs");
run(process.execPath, ["packages/cli/bin/seqloom.mjs", "run", "pipelines/quickstart.yaml", ...process.argv.slice(2)]);
