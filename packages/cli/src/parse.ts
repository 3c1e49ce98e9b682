import { parseArgs } from "node:util";
import { type Arguments, type Command, type Flag, UsageError } from "./command.js";

/** Flags that every command has. */
export const COMMON: Readonly<Record<string, Flag>> = {
  help: { type: "boolean", short: "h", description: "Show this help" },
};

/**
 * Checks a call against a command. `--help` ends the checking: who asks for help should not have to be right first.
 * @throws UsageError for unknown flags (with the nearest name), missing or superfluous values and arguments.
 */
export async function parse(command: Command, argv: readonly string[]): Promise<Arguments> {
  const flags: Readonly<Record<string, Flag>> = { ...command.flags, ...COMMON };
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { type, short }]) => [
        name,
        { type: type === "string" ? ("string" as const) : ("boolean" as const), ...(short !== undefined && { short }) },
      ]),
    ),
  });
  const positionals: string[] = [];
  const values: Record<string, string[]> = {};
  const has = new Set<string>();
  let detached: string | undefined;
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) {
    return { positionals, values, has: new Set(["help"]) };
  }
  for (const [at, token] of tokens.entries()) {
    if (token.kind === "positional") {
      const before = tokens[at - 1];
      if (before?.kind === "option" && before.value === undefined && flags[before.name].type === "optional") {
        detached ??= `${before.rawName}=${token.value}`;
      }
      positionals.push(token.value);
    }
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) throw await unknownFlag(rawName, command, flags);
    if (flag.type === "string" && (value === undefined || (value === "" && flag.takesEmpty !== true))) {
      throw new UsageError(`${rawName} needs a value`, `For example: ${rawName} ${flag.value ?? "VALUE"}`);
    }
    if (flag.type === "boolean" && value !== undefined) {
      throw new UsageError(`${rawName} takes no value`, `Write ${rawName} alone.`);
    }
    if (flag.type === "string" && flag.multiple !== true && has.has(name)) {
      throw new UsageError(`${rawName} is given twice`, "Give it once.");
    }
    has.add(name);
    if (flag.type !== "boolean") values[name] = [...(values[name] ?? []), value ?? ""];
  }
  checkPositionals(command, positionals, detached);
  return { positionals, values, has };
}

/** @param detached a flag with what follows it, where that may have been meant as its value: `--force=model` */
function checkPositionals(command: Command, given: readonly string[], detached: string | undefined): void {
  const needed = command.positionals.filter(({ optional }) => optional !== true);
  if (given.length < needed.length) {
    const missing = needed[given.length];
    throw new UsageError(
      `seqloom ${command.name} needs ${missing.name}: ${missing.description}`,
      `For example: ${command.examples[0][0]}`,
    );
  }
  const most = command.positionals.at(-1)?.multiple === true ? Number.POSITIVE_INFINITY : command.positionals.length;
  // `--force model` could mean two things where more words may follow: it must be said which.
  if (given.length > most || (detached !== undefined && given.length > needed.length)) {
    const extra = detached?.slice(detached.indexOf("=") + 1) ?? given[command.positionals.length];
    throw new UsageError(
      `seqloom ${command.name} does not know what to do with "${extra}"`,
      detached === undefined ? `See seqloom help ${command.name}.` : `Did you mean ${detached}?`,
    );
  }
}

async function unknownFlag(
  rawName: string,
  command: Command,
  flags: Readonly<Record<string, Flag>>,
): Promise<UsageError> {
  const { closest } = await import("@seqloom/core");
  const names = Object.keys(flags).map((name) => `--${name}`);
  // A single letter is near to everything.
  const near = rawName.startsWith("--") ? closest(rawName, names) : undefined;
  const hint = near === undefined ? `It has: ${names.join(", ")}.` : `Did you mean ${near}?`;
  return new UsageError(`seqloom ${command.name} has no flag ${rawName}`, hint);
}

/**
 * A whole number from a flag.
 * @throws UsageError when it is not one, or is below `least`.
 */
export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(
      `--${flag} is "${text}", expected a whole number from ${least}`,
      `For example: --${flag} ${least + 1}`,
    );
  }
  return value;
}

/**
 * `--set` flags as dotted paths and their values.
 * @throws UsageError when there is no `=`, or no path before it.
 */
export function overridesOf(args: Arguments): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const text of args.values.set ?? []) {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--set "${text}" is not PATH=VALUE`, "For example: --set params.units=64");
    overrides[text.slice(0, at)] = text.slice(at + 1);
  }
  const seed = args.values.seed?.at(-1);
  if (seed !== undefined) overrides.seed = String(wholeNumber("seed", seed, 0));
  return overrides;
}
