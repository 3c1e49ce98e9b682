import { DiagnosticError, fail } from "@seqloom/core";

const CODE = "loss-not-finite";

/** A training whose numbers went beyond all bounds, as an error that says what to do. */
export function notFinite(what: string, epoch: number, step = ""): DiagnosticError {
  return fail(CODE, `the ${what} not finite in epoch ${epoch},${step} so training stops`, {
    hint:
      "Lower `learning_rate` first (ten times), or set `clip_norm: 1`. Else look for values that are not finite or very " +
      "large in the input, and scale it; a larger `batch_size` helps too. `on_divergence: stop` keeps the last good epoch.",
  });
}

/** The message of an error of {@link notFinite}, or null for any other. */
export function divergence(error: unknown): string | null {
  const diagnostic = error instanceof DiagnosticError ? error.diagnostics[0] : undefined;
  return diagnostic?.code === CODE ? diagnostic.message : null;
}
