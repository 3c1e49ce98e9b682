/** @file Which commit a run was made from, read from the files of the repository: no process is started for it. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The state of the repository that a pipeline lies in, for a record. Part of no key. */
export interface GitState {
  /** The commit that is checked out, hexadecimal. */
  readonly commit: string;
  /** The branch; null when none is checked out. */
  readonly branch: string | null;
  /** Whether files that git knows differ from the commit. Not known where git was not asked: nothing was computed, or it is not installed. */
  readonly dirty?: boolean;
}

/** The commit that is checked out where the folder is; null outside a repository, before the first commit, or in a form of repository that this does not read. */
export function readCommit(directory: string): Omit<GitState, "dirty"> | null {
  try {
    const git = gitFolder(resolve(directory));
    if (git === null) return null;
    const head = readFileSync(join(git, "HEAD"), "utf8").trim();
    const reference = /^ref: (refs\/\S+)$/.exec(head)?.[1];
    if (reference === undefined) return isCommit(head) ? { commit: head, branch: null } : null;
    const commit = commitOf(reference, git);
    return commit === null ? null : { commit, branch: reference.replace(/^refs\/heads\//, "") };
  } catch {
    return null;
  }
}

/** `.git` here or above: a folder, or a file that names one, in a linked work tree and in a submodule. */
function gitFolder(directory: string): string | null {
  for (let folder = directory; ; folder = dirname(folder)) {
    const path = join(folder, ".git");
    if (existsSync(path)) {
      if (statSync(path).isDirectory()) return path;
      const named = /^gitdir: (.+)$/m.exec(readFileSync(path, "utf8"))?.[1];
      return named === undefined ? null : resolve(folder, named);
    }
    if (dirname(folder) === folder) return null;
  }
}

/** References lie in files of their own, or together in `packed-refs`; those that all work trees share in a common folder. */
function commitOf(reference: string, git: string): string | null {
  const common = textOf(join(git, "commondir"));
  for (const folder of common === null ? [git] : [git, resolve(git, common)]) {
    const loose = textOf(join(folder, reference));
    if (loose !== null && isCommit(loose)) return loose;
    const packed = (textOf(join(folder, "packed-refs")) ?? "").split("\n");
    const line = packed.find((one) => one.endsWith(` ${reference}`));
    const commit = line?.split(" ")[0];
    if (commit !== undefined && isCommit(commit)) return commit;
  }
  return null;
}

function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
