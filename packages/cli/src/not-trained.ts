import { DiagnosticError } from "@seqloom/core/engine";
import type { Arguments } from "./command.js";
import { shellWord } from "./shell.js";

/** An error, with the call that trains in the hint of `not-trained`: what a pipeline is trained by is its file and the settings of this call. */
export function withRunHint(error: unknown, args: Arguments): unknown {
  if (!(error instanceof DiagnosticError)) return error;
  const [file] = args.positionals;
  const settings = ["set", "seed", "device"].flatMap((flag) =>
    (args.values[flag] ?? []).flatMap((value) => [`--${flag}`, shellWord(value)]),
  );
  // A path that begins with a hyphen would be taken for a flag.
  const words = ["seqloom", "run", shellWord(file.startsWith("-") ? `./${file}` : file), ...settings];
  return new DiagnosticError(
    error.diagnostics.map((one) =>
      one.code === "not-trained" ? { ...one, hint: `Run \`${words.join(" ")}\` first.` } : one,
    ),
  );
}
