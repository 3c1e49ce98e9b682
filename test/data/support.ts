import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Dataset,
  type Diagnostic,
  DiagnosticError,
  executeStage,
  type ResolvedFile,
  resolveFiles,
  type StageContext,
  type StageDefinition,
} from "@seqloom/core";
import { afterAll, expect } from "vitest";
import { testContext } from "../support/context.js";

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A new folder with these files in it; it goes when the tests of the file end. */
export function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-data-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A source stage with the files that it names, as the engine runs it. */
export async function load(
  stage: unknown,
  files: Files | string,
  given: Readonly<Record<string, unknown>>,
  overrides: Partial<StageContext> = {},
): Promise<Dataset> {
  const { params, found } = await filesOf(stage, files, given);
  const context = testContext({ files: found, ...overrides });
  return (await executeStage(stage as StageDefinition, {}, params, context)).data as Dataset;
}

/** The parsed parameters of a source, and its files. */
export async function filesOf(stage: unknown, files: Files | string, given: Readonly<Record<string, unknown>>) {
  const source = stage as StageDefinition;
  const params = source.params.parse(given);
  expect(source.check?.(params) ?? []).toEqual([]);
  const directory = typeof files === "string" ? files : folderWith(files);
  const options = {
    directory,
    downloads: join(directory, ".downloads"),
    mirrors: [],
    signal: new AbortController().signal,
  };
  const found: Record<string, ResolvedFile[]> = await resolveFiles(source.files?.(params) ?? {}, options);
  return { params, found };
}

/** What the check of a stage says of parameters, `path: message` each. */
export function problemsOf(stage: unknown, given: Readonly<Record<string, unknown>>): string[] {
  const source = stage as StageDefinition;
  const problems = source.check?.(source.params.parse(given)) ?? [];
  return problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** The first diagnostic that a promise is refused with. */
export async function diagnosticOf(promise: Promise<unknown>): Promise<Diagnostic> {
  const error = await promise.then(
    () => expect.unreachable("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics[0];
}

/** A diagnostic in two lines: `code at file:line:column: message`, and the hint. */
export function rendered({ code, at, message, hint }: Diagnostic): string {
  const place = at === undefined ? "" : ` at ${at.file}:${at.line}:${at.column}`;
  return `${code}${place}: ${message}\n  ${hint}`;
}

const beside = resolve(dirname(fileURLToPath(import.meta.url)), "../../../shared/data");

/** The folder with the real data sets, or undefined where it is not there: then these tests are skipped. */
export const mirror = [...(process.env.SEQLOOM_MIRROR ?? "").split(delimiter), beside].find(
  (folder) => folder !== "" && existsSync(join(folder, "SHA256SUMS")),
);
