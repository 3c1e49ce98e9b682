/** @file Finds and reads `seqloom.config.yaml`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import { paramProblems } from "../pipeline/param-problems.js";
import { fileProblem, toDiagnostic } from "../yaml/compile-file.js";
import { YamlSource } from "../yaml/source.js";
import { type CacheSettings, cacheSettings, projectSettings } from "./settings.js";

/** The name of the file. */
export const PROJECT_FILE = "seqloom.config.yaml";

/** Settings, and the folder that relative paths in them are read against. */
export interface ProjectSettings {
  readonly cache: CacheSettings;
  readonly directory: string;
}

/** The nearest `seqloom.config.yaml` of a folder or one above it; null when there is none. */
export function findProjectFile(directory: string): string | null {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return null;
  }
}

/**
 * Reads the settings that hold in a folder; without a file, the defaults.
 * @throws DiagnosticError with all that is wrong with the file.
 */
export function readProjectSettings(directory: string): ProjectSettings {
  const path = findProjectFile(directory);
  if (path === null) return { cache: cacheSettings.parse({}), directory };
  const source = new YamlSource(path, readFileSync(path, "utf8"));
  const syntax = source.syntaxDiagnostics().filter(({ code }) => code !== "empty-file");
  if (syntax.length > 0) throw new DiagnosticError(syntax);
  const content = contentOf(source);
  const parsed = projectSettings.safeParse(content);
  if (parsed.success) return { cache: parsed.data.cache, directory: dirname(path) };
  const problems = paramProblems(parsed.error, content, [], projectSettings).map(fileProblem);
  throw new DiagnosticError(problems.map((problem) => toDiagnostic(problem, source.locate)));
}

/** @throws DiagnosticError when aliases expand to too much. */
function contentOf(source: YamlSource): Json {
  try {
    return source.toJson() ?? {};
  } catch (error) {
    const message = `the aliases of this file cannot be expanded: ${(error as Error).message}`;
    throw fail("yaml-alias", message, { at: { file: source.file, line: 1, column: 1 } });
  }
}
