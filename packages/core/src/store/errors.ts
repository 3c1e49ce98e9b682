import { type Diagnostic, DiagnosticError } from "../diagnostics/diagnostic.js";
import { errorCode } from "./fs.js";

interface Problem {
  readonly code: string;
  readonly message: (directory: string) => string;
  readonly hint: string;
}

const FULL: Problem = {
  code: "disk-full",
  message: (directory) => `no space left on the disk that holds the store "${directory}"`,
  hint: "Free some space, or set SEQLOOM_HOME to a folder on a larger disk. Nothing was half-written: run again to go on.",
};

const NOT_WRITABLE: Problem = {
  code: "store-not-writable",
  message: (directory) => `the store "${directory}" cannot be written`,
  hint: "Give this user the right to write there, or set SEQLOOM_HOME to a folder of your own.",
};

const NOT_READABLE: Problem = {
  code: "store-not-readable",
  message: (directory) => `the store "${directory}" cannot be read`,
  hint: "Give this user the right to read all that is in it, or set SEQLOOM_HOME to a folder of your own.",
};

const NOT_A_FOLDER: Problem = {
  code: "store-not-a-folder",
  message: (directory) => `the store "${directory}" is not a folder`,
  hint: "Move the file that is in its place, or set SEQLOOM_HOME to another folder.",
};

const BROKEN: Problem = {
  code: "disk-error",
  message: (directory) => `the disk that holds the store "${directory}" reports an error`,
  hint: "Check the disk, or set SEQLOOM_HOME to a folder on another one.",
};

const TOO_MANY: Problem = {
  code: "too-many-open-files",
  message: (directory) => `too many files are open to write to the store "${directory}"`,
  hint: "Raise the limit (ulimit -n) or run with less concurrency.",
};

const PROBLEMS: Readonly<Record<string, Problem>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: FULL,
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: NOT_WRITABLE,
  // A folder that was made a moment ago and is not there: some read-only file systems say so.
  ENOENT: NOT_WRITABLE,
  ENOTDIR: NOT_A_FOLDER,
  EEXIST: NOT_A_FOLDER,
  EIO: BROKEN,
  EMFILE: TOO_MANY,
  ENFILE: TOO_MANY,
};

/** What somebody wanted of the store when it failed. */
export type StoreAccess = "read" | "write";

/** What an error of the file system means for the store; null when it is none that a person can mend. */
export function storeDiagnostic(error: unknown, directory: string, access: StoreAccess = "write"): Diagnostic | null {
  const found = PROBLEMS[errorCode(error) ?? ""];
  const problem = found === NOT_WRITABLE && access === "read" ? NOT_READABLE : found;
  if (problem === undefined) return null;
  return {
    code: problem.code,
    severity: "error",
    message: problem.message(directory),
    hint: problem.hint,
    details: (error as Error).message,
  };
}

/** Runs an action on the store; errors of the file system become diagnostics. */
export function guarded<T>(directory: string, action: () => T, access: StoreAccess = "write"): T {
  try {
    return action();
  } catch (error) {
    const diagnostic = storeDiagnostic(error, directory, access);
    throw diagnostic === null ? error : new DiagnosticError(diagnostic);
  }
}
