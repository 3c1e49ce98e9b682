import {
  type Command,
  type CommandGroup,
  type CommandList,
  EXIT,
  type ExitCode,
  type Io,
  UsageError,
} from "./command.js";
import { COMMANDS } from "./commands/index.js";
import { readingWidth } from "./terminal/width.js";

/** Runs the command that the arguments name. Writes to the streams of the process; never throws. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const io: Io = { out: process.stdout, err: process.stderr };
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const { reportError } = await import("./errors.js");
    return reportError(error, argv.includes("--json"), io);
  }
}

/** The program: runs, waits until everything is written, and exits. What still holds the process open then is of no use. */
export async function start(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough, such as `head`, closes the pipe: that is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  const code = await main(argv);
  process.stderr.write("", () => process.stdout.write("", () => process.exit(code)));
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) {
    const { programHelp } = await import("./help.js");
    io.out.write(programHelp(list(), readingWidth(io.out), await paint(io)));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === "--version" || name === "-v") {
    const { readFileSync } = await import("node:fs");
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    io.out.write(`${version}\n`);
    return EXIT.ok;
  }
  if (name === "help") return help(rest, io);
  const [command, left] = await find(argv);
  if ("commands" in command) return groupHelp(command, left, io);
  const { parse } = await import("./parse.js");
  const args = await parse(command, left);
  return args.has.has("help") ? commandHelp(command, io) : command.run(args, io);
}

/** The command that the first words name, and what is left of them; of a group alone, the group. */
async function find(words: readonly string[]): Promise<readonly [Command | CommandGroup, readonly string[]]> {
  const [name, second, ...rest] = words;
  if (!Object.hasOwn(COMMANDS, name)) throw await unknownCommand(name, COMMANDS);
  const first = await COMMANDS[name].load();
  if (!("commands" in first)) return [first, words.slice(1)];
  const known = second !== undefined && Object.hasOwn(first.commands, second);
  const { byDefault } = first;
  if (!known && byDefault !== undefined && !words.some(isHelp) && !isWord(second)) {
    return [await first.commands[byDefault].load(), words.slice(1)];
  }
  if (second === undefined || second.startsWith("-")) return [first, words.slice(1)];
  if (!known) throw await unknownCommand(second, first.commands, `${name} `);
  return [await first.commands[second].load(), rest];
}

function isHelp(word: string | undefined): boolean {
  return word === "--help" || word === "-h";
}

/** Whether this looks like a command, and not like a flag or the path of a file. */
function isWord(word: string | undefined): boolean {
  return word !== undefined && /^\w+$/.test(word);
}

async function help(words: readonly string[], io: Io): Promise<ExitCode> {
  const [command] = await find(words.length === 1 ? [...words, "--help"] : words);
  return "commands" in command ? groupHelp(command, ["--help"], io) : commandHelp(command, io);
}

async function commandHelp(command: Command | CommandGroup, io: Io): Promise<ExitCode> {
  const { helpText } = await import("./help.js");
  io.out.write(helpText(command, readingWidth(io.out), await paint(io)));
  return EXIT.ok;
}

/** The help of a group; without being asked for, it is the answer to half a command. */
async function groupHelp(group: CommandGroup, flags: readonly string[], io: Io): Promise<ExitCode> {
  const asked = flags.some(isHelp);
  await commandHelp(group, io);
  return asked ? EXIT.ok : EXIT.usage;
}

function list(): [string, string][] {
  return Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]);
}

async function paint(io: Io) {
  const { paintOf, takesColor } = await import("./terminal/paint.js");
  return paintOf(takesColor(io.out));
}

async function unknownCommand(name: string, commands: CommandList, before = ""): Promise<UsageError> {
  const names = Object.keys(commands);
  if (name.startsWith("-"))
    return new UsageError(`there is no flag ${name}`, "Flags come after the command: see seqloom --help.");
  const { didYouMean } = await import("@seqloom/core");
  return new UsageError(`there is no command "${before}${name}"`, didYouMean(name, names, "command"));
}
