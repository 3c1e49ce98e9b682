/** A flag of a command. `string` takes a value, `boolean` none, `optional` may have one after `=`. */
export interface Flag {
  readonly type: "string" | "boolean" | "optional";
  /** What the value is called in the help: `PATH=VALUE`. */
  readonly value?: string;
  readonly short?: string;
  readonly multiple?: boolean;
  /** Whether an empty value is a value like any other. */
  readonly takesEmpty?: boolean;
  readonly description: string;
}

/** Flags and positional arguments of one call, checked against the command. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Values of `string` flags, and of `optional` ones ("" where none was given), in order. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly has: ReadonlySet<string>;
}

/** Where a command writes, and what it knows of the terminal. */
export interface Io {
  /** Results. */
  readonly out: NodeJS.WriteStream;
  /** Everything that is said on the way. */
  readonly err: NodeJS.WriteStream;
}

/** Exit codes: what scripts look at. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** An exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A sub-command: what its help shows, and what it does. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Positional arguments as the help writes them: `FILE`, `[ID]`. */
  readonly positionals: readonly {
    readonly name: string;
    readonly optional?: boolean;
    /** Of the last one: it may come any number of times. */
    readonly multiple?: boolean;
    readonly description: string;
  }[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** What else its help says: headings with lines of text. */
  readonly notes?: readonly (readonly [heading: string, lines: readonly (readonly [name: string, text: string])[]])[];
  readonly examples: readonly (readonly [call: string, what: string])[];
  run(args: Arguments, io: Io): Promise<ExitCode>;
}

/** A list of commands: the line of each, and how to load it. Loading one loads none of the others. */
export type CommandList = Readonly<
  Record<string, { readonly summary: string; load(): Promise<Command | CommandGroup> }>
>;

/** Commands that share their first word: `cache du`, `cache gc`. */
export interface CommandGroup {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly commands: CommandList;
  /** The command that is meant when the next word is none of them. */
  readonly byDefault?: string;
  readonly examples: Command["examples"];
}

/** A call that is wrong in itself: exit code 2, and what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The last value of a flag, or undefined. */
export function flagValue(args: Arguments, flag: string): string | undefined {
  return args.values[flag]?.at(-1);
}
