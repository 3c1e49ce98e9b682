/** @file `npm run example NAME`: builds and runs a program of examples/. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, tool } from "./run.mjs";

const names = readdirSync(join(root, "examples"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));
const [name] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`npm run example NAME, with one of: ${names.join(", ")}\n`);
  process.exit(2);
}
await import("./setup.mjs");
tool("typescript/bin/tsc", ["-b", "examples"]);
await (await import(pathToFileURL(join(root, "examples/dist", `${name}.js`)))).main();
process.exit();
