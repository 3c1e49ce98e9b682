import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command in the root; ends the process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    process.stderr.write(`\n${[command, ...args].join(" ")} failed (${result.signal ?? `exit ${result.status}`})\n`);
    process.exit(result.status ?? 1);
  }
}

/** Runs a tool of the workspace by the file that its package declares: the same on every system, without a shell. */
export function tool(file, args, options = {}) {
  run(process.execPath, [fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url)), ...args], options);
}
