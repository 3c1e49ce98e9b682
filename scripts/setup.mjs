/** @file Makes a fresh clone ready: installs the dependencies if they are not as the lock file says, then builds. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";

const lock = createHash("sha256");
for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"])
  lock.update(readFileSync(join(root, file)));
const wanted = lock.digest("hex");
const stamp = join(root, "node_modules", ".seqloom-install");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  run("npx", ["--yes", packageManager, "install", "--frozen-lockfile"], {
    // pnpm's own progress goes to stderr, so that the output of the command that asked for the set-up stays clean.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
    env: { ...process.env, npm_config_yes: "true" },
  });
  writeFileSync(stamp, wanted);
}
await import("./build.mjs");
