/**
 * @file The identity of an installed package: name, version and integrity of it and of all that it depends on. None of its
 * files is read where a package manager noted what it installed.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { sha256 } from "../keys/record.js";
import type { StageCode } from "../pipeline/pipeline.js";
import { packageOf } from "./packages.js";

/** The identity of a package, and the files that it was read from. */
export interface PackageIdentity {
  readonly code: StageCode;
  readonly inputs: readonly string[];
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The identity of the installed package that a file belongs to. */
export function packageIdentity(file: string): PackageIdentity {
  const inputs = new Set<string>();
  const folders = new Map<string, Manifest>();
  const visit = (folder: string): void => {
    if (folders.has(folder)) return;
    const path = join(folder, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    inputs.add(path);
    folders.set(folder, manifest);
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = installedFrom(folder, name);
      if (found !== null) visit(found);
    }
  };
  const locks = new Map<string, string | null>();
  const readLock: ReadLock = (path) => {
    const text = locks.get(path) ?? (existsSync(path) ? readFileSync(path, "utf8") : null);
    locks.set(path, text);
    if (text !== null) inputs.add(path);
    return text;
  };
  const own = packageOf(file);
  if (own === null) throw new Error(`${file} belongs to no package`);
  visit(own.folder);
  const lines = [...folders].map(([folder, { name = "", version = "" }]) => {
    const integrity = lockedIntegrity(folder, name, version, readLock) ?? contentOf(folder, inputs);
    return { name, version, line: `${name}@${version} ${integrity}` };
  });
  lines.sort((a, b) => (a.line < b.line ? -1 : 1));
  return {
    code: {
      mode: "package",
      hash: sha256([`${own.name}@${own.version}`, ...lines.map(({ line }) => line)].join("\n")),
      hasher: "package/1",
      packages: lines.map(({ name, version }) => [name, version] as const),
    },
    inputs: [...inputs],
  };
}

/** The folder of a dependency, as Node looks for it: null when it is not there. */
function installedFrom(folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (dirname(at) === at) return null;
  }
}

type ReadLock = (path: string) => string | null;

/** What npm or pnpm noted of a package when it installed it. */
function lockedIntegrity(folder: string, name: string, version: string, read: ReadLock): string | null {
  const at = folder.indexOf(`${sep}node_modules${sep}`);
  if (at < 0) return null;
  const root = folder.slice(0, at);
  const npm = read(join(root, "node_modules", ".package-lock.json"));
  if (npm !== null) {
    const { packages = {} } = JSON.parse(npm) as { packages?: Readonly<Record<string, { integrity?: string }>> };
    return packages[relative(root, folder).split(sep).join("/")]?.integrity ?? null;
  }
  const pnpm = read(join(root, "node_modules", ".pnpm", "lock.yaml"));
  const entry = `${name}@${version}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return (
    new RegExp(`^ {2}'?${entry}'?:\\n {4}resolution: \\{integrity: ([^,}\\s]+)`, "m").exec(pnpm ?? "")?.[1] ?? null
  );
}

/** Where nobody noted anything: the content of its files. */
function contentOf(folder: string, inputs: Set<string>): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).split(sep).includes("node_modules"))
    .sort();
  for (const path of files) inputs.add(path);
  return sha256(files.map((path) => `${relative(folder, path)} ${sha256(readFileSync(path))}`).join("\n"));
}
