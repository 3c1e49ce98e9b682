import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A loader hook that appends the URL of every module, as it is loaded, to a file. */
const HOOKS = `
import { appendFileSync } from "node:fs";
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED_MODULES, url + "\\n");
  return next(url, context);
}`;

/** Runs a Node program and says which modules it loaded: what a start really costs. */
export function loadedModules(args: readonly string[], environment: Readonly<Record<string, string>> = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-loaded-"));
  try {
    const list = join(folder, "list.txt");
    const register = join(folder, "register.mjs");
    writeFileSync(list, "");
    const hooks = `data:text/javascript,${encodeURIComponent(HOOKS)}`;
    writeFileSync(register, `import { register } from "node:module";\nregister(${JSON.stringify(hooks)});\n`);
    const env = { ...process.env, ...environment, LOADED_MODULES: list };
    execFileSync(process.execPath, ["--import", register, ...args], { env, stdio: "pipe" });
    return readFileSync(list, "utf8").split("\n").filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
