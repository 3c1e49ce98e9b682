/**
 * @file The second command of the README: set-up, then every check. Its last line is `N passed, N failed`, counted from
 * the report that vitest writes.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, tool } from "./run.mjs";

await import("./setup.mjs");

const step = (title) => process.stdout.write(`\n— ${title}\n`);

step("generated files");
tool("../scripts/generate-reference.mjs", ["--check"]);
step("types");
tool("typescript/bin/tsc", ["-b", "."]);
// Nothing is made of the tests, so they need no declarations.
tool("typescript/bin/tsc", ["-p", "test"]);
step("lint");
tool("@biomejs/biome/bin/biome", ["ci", "--colors=off", "--error-on-warnings", "."]);
step("tests");
const folder = join(root, "node_modules", ".cache");
mkdirSync(folder, { recursive: true });
const report = join(folder, "vitest.json");
rmSync(report, { force: true });
const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
  cwd: root,
  stdio: "inherit",
});

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
  readFileSync(report, "utf8"),
);
const failed = numFailedTests + (success || numFailedTests > 0 ? 0 : 1);
const skipped = numPendingTests + numTodoTests;
process.stdout.write(`\n${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exitCode = status === 0 && failed === 0 && numPassedTests > 0 ? 0 : 1;
