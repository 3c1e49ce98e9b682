/** A `use` that names a stage by where its code is, and not by the id of an installed stage. */
export interface ModuleUse {
  /** `file`: a path relative to the pipeline file. `package`: an import of an installed package. */
  readonly from: "file" | "package";
  readonly specifier: string;
  /** The export; null where the module has only one stage. */
  readonly name: string | null;
}

const FILE = /^(\.{1,2}\/[^#]+)(?:#([\p{ID_Start}$_][\p{ID_Continue}$]*))?$/u;
const PACKAGE = /^((?:@[\w.~-]+\/)?[\w.~-]+(?:\/[\w.~-]+)*)#([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u;

/** `./stages/clean.ts`, `./stages/text.ts#clean` or `package#clean`; null for an id. */
export function moduleUse(use: string): ModuleUse | null {
  const file = FILE.exec(use);
  if (file !== null) return { from: "file", specifier: file[1], name: file[2] ?? null };
  const found = PACKAGE.exec(use);
  return found === null ? null : { from: "package", specifier: found[1], name: found[2] };
}
