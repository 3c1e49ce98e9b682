import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

/** The package that a file belongs to. */
export interface PackageOfFile {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

const known = new Map<string, PackageOfFile | null>();

/** Forgets what was read: packages may be installed while a process lives. */
export function forgetPackages(): void {
  known.clear();
}

/** The nearest package with a name that a file lies in; null when there is none. */
export function packageOf(path: string): PackageOfFile | null {
  const start = dirname(path);
  const found = known.get(start) ?? search(start);
  known.set(start, found);
  return found;
}

function search(start: string): PackageOfFile | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version?: string };
      if (name !== undefined) return { name, version: version ?? "0.0.0", folder };
    }
    if (dirname(folder) === folder) return null;
  }
}

/** Whether a file came with an installed package: its real path is in `node_modules`. */
export function isInstalled(path: string): boolean {
  return path.split(sep).includes("node_modules");
}

/**
 * How a file is called in explanations: relative to the project when it lies there, else by its package. What was compiled is
 * called by its source, where the package has it: that is what people edit.
 */
export function shownName(path: string, project: string | null): string {
  if (project !== null) {
    const below = relative(project, path);
    if (!below.startsWith("..") && below !== "") return below.split(sep).join("/");
  }
  const owner = packageOf(path);
  if (owner === null) return project === null ? path : relative(project, path).split(sep).join("/");
  const inside = relative(owner.folder, path).split(sep).join("/");
  const source = inside.replace(/^dist\//, "src/").replace(/\.js$/, ".ts");
  return `${owner.name}/${existsSync(join(owner.folder, source)) ? source : inside}`;
}
