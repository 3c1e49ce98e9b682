import type { Command, CommandGroup, Flag } from "./command.js";
import { COMMON } from "./parse.js";
import type { Paint } from "./terminal/paint.js";
import { described } from "./terminal/width.js";

/** The help of a command, or of a group of them. */
export function helpText(command: Command | CommandGroup, columns: number, paint: Paint): string {
  return "commands" in command ? groupHelp(command, columns, paint) : commandHelp(command, columns, paint);
}

function groupHelp({ name, summary, commands, examples }: CommandGroup, columns: number, paint: Paint): string {
  const lines = Object.entries(commands).map(([word, one]) => [`${name} ${word}`, one.summary] as const);
  const parts = [
    summary,
    section("Usage", [`  seqloom ${name} COMMAND [arguments] [flags]`], paint),
    section("Commands", described(lines, columns), paint),
    exampleSection(examples, paint),
  ];
  return `${parts.join("\n\n")}\n`;
}

function commandHelp(command: Command, columns: number, paint: Paint): string {
  const positionals = command.positionals.map(({ name, optional, multiple }) => {
    const shown = multiple === true ? `${name}…` : name;
    return optional === true ? `[${shown}]` : shown;
  });
  const flags = Object.entries({ ...command.flags, ...COMMON }).map(
    ([name, flag]) => [flagText(name, flag), flag.description] as const,
  );
  const parts = [
    command.summary,
    section("Usage", [`  ${["seqloom", command.name, ...positionals, "[flags]"].join(" ")}`], paint),
    ...(command.positionals.length > 0
      ? [
          section(
            "Arguments",
            described(
              command.positionals.map(({ name, description }) => [name, description] as const),
              columns,
            ),
            paint,
          ),
        ]
      : []),
    section("Flags", described(flags, columns), paint),
    ...(command.notes ?? []).map(([heading, lines]) => section(heading, described(lines, columns), paint)),
    exampleSection(command.examples, paint),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The help of the program: its commands. */
export function programHelp(
  commands: readonly (readonly [name: string, summary: string])[],
  columns: number,
  paint: Paint,
): string {
  const parts = [
    "Declarative pipelines for sequence machine learning.",
    section("Usage", ["  seqloom COMMAND [arguments] [flags]"], paint),
    section("Commands", described(commands, columns), paint),
    section(
      "Flags",
      described(
        [
          ["-h, --help", "Show this help; after a command, the help of that command"],
          ["-v, --version", "Show the version"],
        ],
        columns,
      ),
      paint,
    ),
    section(
      "Examples",
      [
        "  seqloom run pipelines/quickstart.yaml",
        "  seqloom run pipelines/quickstart.yaml --set params.units=64",
        '  seqloom predict pipelines/quickstart.yaml --text "dull at first, then brilliant"',
        "  seqloom help run",
      ],
      paint,
    ),
    `Results are kept in .seqloom beside the pipeline, or in the folder that ${paint.bold("SEQLOOM_HOME")} names.`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function exampleSection(examples: Command["examples"], paint: Paint): string {
  return section(
    "Examples",
    examples.flatMap(([call, what]) => [`  ${paint.dim(`# ${what}`)}`, `  ${call}`]),
    paint,
  );
}

function section(name: string, lines: readonly string[], paint: Paint): string {
  return [paint.bold(name), ...lines].join("\n");
}

function flagText(name: string, { type, value, short, multiple }: Flag): string {
  const prefix = short === undefined ? "    " : `-${short}, `;
  const suffix = type === "string" ? ` ${value ?? "VALUE"}` : type === "optional" ? `[=${value ?? "VALUE"}]` : "";
  return `${prefix}--${name}${suffix}${multiple === true ? " …" : ""}`;
}
