/**
 * @file Sees what a stage reads while it runs: files through `node:fs`, variables through `process.env`. It stands in the
 * worker that runs the stage and nowhere else. What it cannot see: native add-ons, child processes, the network.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** What was read: absolute paths of files, absolute paths of folders that were listed, names of variables. */
export interface Reads {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly env: readonly string[];
}

type Call = (...args: readonly unknown[]) => unknown;
type Functions = Record<string, Call>;

/** Functions that read the file, or ask for the state of the file, that their first argument names. */
const READING = [
  "readFile",
  "readFileSync",
  "createReadStream",
  "openAsBlob",
  "copyFile",
  "copyFileSync",
  "cp",
  "cpSync",
];
const ASKING = ["stat", "statSync", "lstat", "lstatSync", "access", "accessSync", "exists", "existsSync"];
const LISTING = ["readdir", "readdirSync", "opendir", "opendirSync"];
const WRITING = [
  "writeFile",
  "writeFileSync",
  "appendFile",
  "appendFileSync",
  "createWriteStream",
  "mkdtemp",
  "mkdtempSync",
];

/** Packages are known by their versions: what they read of themselves is no input. So is Seqloom itself. */
const INSTALLED = `${sep}node_modules${sep}`;
const SEQLOOM = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))) + sep;
const DEVICES = ["/proc/", "/sys/", "/dev/"];

/** The one recorder of this process; hooks stay once they are there. */
let recorder: Recorder | null = null;

class Recorder {
  readonly #ignored: readonly string[];
  readonly #written = new Set<string>();
  readonly files = new Set<string>();
  readonly folders = new Set<string>();
  readonly env = new Set<string>();

  constructor(ignored: readonly string[]) {
    this.#ignored = ignored.map((folder) => (folder.endsWith(sep) ? folder : folder + sep));
  }

  read(path: string, kind: "file" | "folder"): void {
    const known = kind === "file" ? this.files : this.folders;
    if (known.has(path) || this.#written.has(path) || path.includes(INSTALLED)) return;
    if ([SEQLOOM, ...DEVICES, ...this.#ignored].some((folder) => path.startsWith(folder))) return;
    known.add(path);
  }

  wrote(path: string): void {
    if (!this.files.has(path)) this.#written.add(path);
  }
}

/**
 * Records what is read from now on, until the function that it gives is called.
 * @param ignored folders that are nobody's input: the store
 */
export function watchReads(ignored: readonly string[]): () => Reads {
  if (recorder === null) hook();
  const own = new Recorder(ignored);
  recorder = own;
  return () => {
    // Between two tasks nothing is recorded, and the hooks only pass on.
    recorder = new Recorder([sep]);
    return { files: [...own.files].sort(), folders: [...own.folders].sort(), env: [...own.env].sort() };
  };
}

function hook(): void {
  for (const functions of [fs, fs.promises] as unknown as readonly Functions[]) {
    for (const name of READING) replace(functions, name, (path) => sawFile(path));
    for (const name of ASKING) replace(functions, name, (path) => sawFile(path));
    for (const name of LISTING) replace(functions, name, (path) => recorder?.read(path, "folder"));
    for (const name of WRITING) replace(functions, name, (path) => recorder?.wrote(path));
    for (const name of ["open", "openSync"]) {
      replace(functions, name, (path, flags) => (writes(flags) ? recorder?.wrote(path) : sawFile(path)));
    }
  }
  // Modules that import single functions see the replaced ones, too.
  syncBuiltinESMExports();
  hookEnvironment();
}

function replace(functions: Functions, name: string, see: (path: string, flags: unknown) => void): void {
  const original = functions[name];
  if (typeof original !== "function") return;
  const replaced = function (this: unknown, ...args: readonly unknown[]): unknown {
    const path = pathOf(args[0]);
    if (path !== null && caller() !== "modules") see(path, args[1]);
    return original.apply(this, args as unknown[]);
  };
  // Such as `fs.exists[util.promisify.custom]`, and `fs.realpath.native`.
  functions[name] = Object.defineProperties(replaced, Object.getOwnPropertyDescriptors(original)) as Call;
}

/** A file that is there; what is not there cannot be declared. */
function sawFile(path: string): void {
  const watching = recorder;
  if (watching === null) return;
  recorder = null;
  try {
    if (fs.statSync(path, { throwIfNoEntry: false })?.isFile()) watching.read(path, "file");
  } catch {
    // A path through a file, or a folder that may not be entered.
  } finally {
    recorder = watching;
  }
}

function pathOf(argument: unknown): string | null {
  if (typeof argument === "string") return resolve(argument);
  if (Buffer.isBuffer(argument)) return resolve(argument.toString());
  return argument instanceof URL && argument.protocol === "file:" ? fileURLToPath(argument) : null;
}

function writes(flags: unknown): boolean {
  if (typeof flags === "number") return (flags & (fs.constants.O_WRONLY | fs.constants.O_CREAT)) !== 0;
  return typeof flags === "string" && /^[wa]/.test(flags);
}

/** Who called what is hooked: Node's loader of modules, other parts of Node, or code. */
function caller(): "modules" | "node" | "code" {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 4;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = limit;
  const frame =
    stack
      .split("\n")
      .slice(1)
      .find((line) => !line.includes(import.meta.url)) ?? "node:";
  return frame.includes("node:internal/modules") ? "modules" : frame.includes("node:") ? "node" : "code";
}

function hookEnvironment(): void {
  // Who takes all variables at once, as for a child process, asks for none of them.
  let listed: readonly string[] = [];
  const saw = (name: string | symbol): void => {
    if (typeof name !== "string") return;
    if (listed[0] === name) listed = listed.slice(1);
    else if (!name.startsWith("SEQLOOM_") && caller() === "code") recorder?.env.add(name);
  };
  process.env = new Proxy(process.env, {
    get: (target, name) => {
      saw(name);
      return Reflect.get(target, name);
    },
    has: (target, name) => {
      saw(name);
      return Reflect.has(target, name);
    },
    ownKeys: (target) => {
      const names = Reflect.ownKeys(target);
      listed = names.filter((name) => typeof name === "string");
      return names;
    },
  });
}
