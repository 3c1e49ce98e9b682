/** Colours for one stream; each function gives its text back as it is where the stream takes none. */
export interface Paint {
  readonly enabled: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  cyan(text: string): string;
}

/** Ten lines instead of a package: a run with nothing to do should not load one for this. */
const code =
  (enabled: boolean, open: number, close: number) =>
  (text: string): string =>
    enabled && text !== "" ? `\u001b[${open}m${text}\u001b[${close}m` : text;

/** Colours, or none. */
export function paintOf(enabled: boolean): Paint {
  return {
    enabled,
    bold: code(enabled, 1, 22),
    dim: code(enabled, 2, 22),
    red: code(enabled, 31, 39),
    green: code(enabled, 32, 39),
    yellow: code(enabled, 33, 39),
    blue: code(enabled, 34, 39),
    cyan: code(enabled, 36, 39),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a stream should have colours: https://no-color.org first, then FORCE_COLOR, then whether it is a terminal. */
export function takesColor(stream: { readonly isTTY?: boolean }, env: Environment = process.env): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** Whether a stream can be drawn on again and again. In CI a terminal is a log. */
export function isLive(stream: { readonly isTTY?: boolean }, env: Environment = process.env): boolean {
  const ci = env.CI !== undefined && env.CI !== "" && env.CI !== "0" && env.CI !== "false";
  return stream.isTTY === true && env.TERM !== "dumb" && !ci;
}
