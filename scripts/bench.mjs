/** @file `npm run bench -- NAME …`: runs benchmarks and prints one JSON line per comparison. `--list` names them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";

// The result of a benchmark is its standard output: what the set-up says goes elsewhere.
await import("./setup.mjs");
const folder = join(root, "bench", "dist");
const all = new Map();
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(".js"))
  .sort()) {
  const module = await import(pathToFileURL(join(folder, file)));
  if (typeof module.name === "string" && typeof module.run === "function") all.set(module.name, module);
}
const wanted = process.argv.slice(2);
if (wanted.includes("--list") || wanted.includes("--help")) {
  for (const [name, { description }] of all) process.stdout.write(`${name}${description ? `  ${description}` : ""}\n`);
} else {
  const unknown = wanted.filter((name) => !all.has(name));
  if (unknown.length > 0) {
    process.stderr.write(`no benchmark ${unknown.join(", ")}; there are: ${[...all.keys()].join(", ")}\n`);
    process.exit(2);
  }
  for (const name of wanted.length > 0 ? wanted : all.keys()) {
    for (const comparison of await all.get(name).run()) process.stdout.write(`${JSON.stringify(comparison)}\n`);
  }
}
process.exit();
