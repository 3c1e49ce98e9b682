/** @file Builds all packages: the WebAssembly kernels, then TypeScript, then the list of stages of each package. */
import { tool } from "./run.mjs";

await import("./build-kernels.mjs");
if (process.exitCode) process.exit();
tool("typescript/bin/tsc", ["-b", "packages/cli", "bench"]);
await (await import("./stage-manifests.mjs")).writeManifests();
