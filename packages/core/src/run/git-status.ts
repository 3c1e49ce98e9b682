import { execFile } from "node:child_process";

/** Milliseconds after which an answer is no longer waited for: a repository can be very large, or on a slow disk. */
const PATIENCE_MS = 10_000;

/**
 * Asks git whether files that it knows differ from the commit; undefined when it does not say. Nothing is written, and no
 * program that the repository names for watching its files is started.
 */
export function askDirty(directory: string): Promise<boolean | undefined> {
  const calm = ["--no-optional-locks", "-c", "core.fsmonitor=false"];
  const question = ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty"];
  return new Promise((settle) => {
    const child = execFile("git", [...calm, ...question], { cwd: directory, timeout: PATIENCE_MS }, (error, out) =>
      settle(error === null ? out !== "" : undefined),
    );
    // It must not keep a program from ending that has its result.
    child.unref();
  });
}
