import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type DiagnosticError, openStore, type Store } from "@seqloom/core/engine";
import { homeOf } from "./manifests.js";

/** The positional argument of commands that look into a store. */
export const STORE_FILE = {
  name: "FILE",
  optional: true,
  description: "the pipeline file whose store is meant (default: the store of this folder)",
} as const;

/**
 * The store of a pipeline file; without one, of this folder or of its `pipelines`, whichever is there.
 * @throws DiagnosticError when there is no such file.
 */
export async function storeOf(file: string | undefined): Promise<Store> {
  if (file !== undefined) {
    if (!existsSync(file)) throw await noFile(file);
    return openStore(homeOf(file));
  }
  const here = homeOf(join(process.cwd(), "pipeline.yaml"));
  const below = join(process.cwd(), "pipelines", ".seqloom");
  return openStore(!existsSync(here) && existsSync(below) ? below : here);
}

async function noFile(file: string): Promise<DiagnosticError> {
  const { closest, fail } = await import("@seqloom/core");
  const folder = dirname(file);
  const there = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
  const near = closest(
    basename(file),
    there.filter((name) => /\.ya?ml$/.test(name)),
  );
  const hint =
    near === undefined
      ? "Give the path of a pipeline file, such as pipelines/quickstart.yaml."
      : `Did you mean ${join(folder, near)}?`;
  return fail("pipeline-file", `there is no file ${file}`, { hint });
}
