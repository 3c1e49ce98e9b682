import type * as Esbuild from "esbuild";
import { fail } from "../diagnostics/diagnostic.js";

/**
 * The bundler, loaded now: only what compiles the stages of a project waits for it.
 * @throws DiagnosticError `bundler-missing`.
 */
export async function bundler(): Promise<typeof Esbuild> {
  try {
    return await import("esbuild");
  } catch (error) {
    throw fail(
      "bundler-missing",
      `stages of a project need esbuild, which cannot be loaded: ${(error as Error).message}`,
      {
        hint: "Install Seqloom again, with its optional dependencies: they hold the part of esbuild for this machine.",
      },
    );
  }
}
