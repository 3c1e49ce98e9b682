/**
 * @file Trains the models of `test/conformance/scenarios/large.ts` on several versions of Node and compares their bytes:
 * `node scripts/node-versions.mjs 20 22 24`. Node itself comes from the npm registry (package `node`), into a temporary
 * folder, so this needs the network and is no test.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { root, run } from "./run.mjs";

const versions = process.argv.slice(2);
if (versions.length === 0) versions.push("20", "22", "24");

// Inside the workspace, so that its packages are found.
const cache = join(root, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const program = join(cache, "digests.mjs");
await build({
  entryPoints: [join(root, "test/conformance/digests.ts")],
  outfile: program,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  logLevel: "warning",
});

const results = versions.map((version) => {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-node-"));
  try {
    run("npm", ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", `node@${version}`], {
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    });
    const binary = join(folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
    const { status, stdout } = spawnSync(binary, [program], { encoding: "utf8", stdio: ["ignore", "pipe", 2] });
    if (status !== 0) throw new Error(`Node ${version} ended with ${status}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const [first, ...others] = results;
let different = 0;
for (const [name, digest] of Object.entries(first.digests)) {
  const odd = others.filter(({ digests }) => digests[name] !== digest).map(({ node }) => node);
  if (odd.length > 0) different++;
  process.stdout.write(
    `${odd.length === 0 ? "same" : `DIFFERENT on ${odd.join(", ")}`}  ${digest.slice(0, 12)}  ${name}\n`,
  );
}
const tried = results.map(({ node }) => node).join(", ");
process.stdout.write(`\n${Object.keys(first.digests).length} models on Node ${tried}: ${different} different\n`);
process.exitCode = different === 0 ? 0 : 1;
