import { type Command, EXIT } from "../command.js";
import { STORE_FILE, storeOf } from "../store-of.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { harmless } from "../terminal/width.js";

/** One line of the findings. */
interface Finding {
  readonly what: string;
  /** `ok`; `absent`, what Seqloom does without; `broken`, what it does not. */
  readonly state: "ok" | "absent" | "broken";
  readonly found: string;
  readonly remedy?: string;
}

/** Says what this machine has, and what is missing. */
export const doctor: Command = {
  name: "doctor",
  summary: "Say what this machine has for Seqloom: Node, threads, GPUs, TensorFlow, disk, store, mirror",
  positionals: [STORE_FILE],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [
    ["seqloom doctor", "A line for each thing, with a remedy where one is missing"],
    ["seqloom doctor pipelines/quickstart.yaml --json", "With the store of that pipeline, for a script"],
  ],

  async run(args, { out }) {
    const findings = [node(), await memory(), ...(await devices()), ...(await store(args.positionals[0])), mirror()];
    const sound = findings.every(({ state }) => state !== "broken");
    if (args.has.has("json")) {
      out.write(`${JSON.stringify({ sound, findings: await Promise.all(findings) })}\n`);
    } else {
      const paint = paintOf(takesColor(out));
      out.write(`${findings.map((finding) => lineOf(finding, paint)).join("\n")}\n`);
    }
    return sound ? EXIT.ok : EXIT.failed;
  },
};

const WIDTH = 12;

function lineOf({ what, state, found, remedy }: Finding, paint: Paint): string {
  const mark = { ok: paint.green("✓"), absent: paint.dim("–"), broken: paint.red("✗") }[state];
  const line = `${mark} ${what.padEnd(WIDTH)} ${harmless(found)}`;
  return remedy === undefined || state === "ok"
    ? line
    : `${line}\n  ${" ".repeat(WIDTH)} ${paint.dim(harmless(remedy))}`;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const new_ = major > 20 || (major === 20 && minor >= 19);
  return {
    what: "Node",
    state: new_ ? "ok" : "broken",
    found: `${process.version}, ${process.platform} ${process.arch}`,
    ...(!new_ && { remedy: "Seqloom needs Node 20.19 or newer: https://nodejs.org." }),
  };
}

async function memory(): Promise<Finding> {
  const [{ availableParallelism, totalmem }, { bytes }] = await Promise.all([
    import("node:os"),
    import("@seqloom/report/format"),
  ]);
  const cores = availableParallelism();
  return {
    what: "Machine",
    state: "ok",
    found: `${cores} ${cores === 1 ? "core" : "cores"}, ${bytes(totalmem())} of memory`,
  };
}

async function devices(): Promise<Finding[]> {
  const { findDevices } = await import("@seqloom/models");
  return (await findDevices()).map(({ name, works, what, remedy }) => ({
    what: name,
    state: works ? "ok" : name === "simd" ? "broken" : "absent",
    found: what,
    ...(remedy !== undefined && { remedy }),
  }));
}

async function store(file: string | undefined): Promise<Finding[]> {
  const [{ accessSync, constants, existsSync, statfsSync }, { dirname }, { bytes }, { shownPath }] = await Promise.all([
    import("node:fs"),
    import("node:path"),
    import("@seqloom/report/format"),
    import("../paths.js"),
  ]);
  const { directory } = await storeOf(file);
  let place = directory;
  while (!existsSync(place)) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
    const { bavail, bsize } = statfsSync(place);
    const free = bavail * bsize;
    return [
      { what: "Store", state: "ok", found: shownPath(directory) },
      {
        what: "Disk",
        state: free < 2 ** 30 ? "absent" : "ok",
        found: `${bytes(free)} free where the store is`,
        ...(free < 2 ** 30 && { remedy: "`seqloom cache gc` makes room; SEQLOOM_HOME puts the store elsewhere." }),
      },
    ];
  } catch (error) {
    return [
      {
        what: "Store",
        state: "broken",
        found: `${shownPath(directory)} cannot be written: ${(error as Error).message}`,
        remedy: "Give yourself the right to write there, or set SEQLOOM_HOME to a folder of your own.",
      },
    ];
  }
}

function mirror(): Finding {
  const folder = process.env.SEQLOOM_MIRROR;
  return folder
    ? { what: "Mirror", state: "ok", found: `${folder} (SEQLOOM_MIRROR)` }
    : { what: "Mirror", state: "absent", found: "none: data that pipelines name by URL comes from the network" };
}
