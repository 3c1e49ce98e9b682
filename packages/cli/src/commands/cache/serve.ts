import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Arguments, type Command, EXIT, flagValue, UsageError } from "../../command.js";
import { listenForInterrupt } from "../../interrupt.js";
import { wholeNumber } from "../../parse.js";
import type { Served } from "../../serve/app.js";

const GIB = 2 ** 30;

/** A cache server for a team. */
export const serve: Command = {
  name: "cache serve",
  summary: "Serve a folder as a remote cache for a team, over HTTP",
  positionals: [{ name: "FOLDER", description: "where results are kept; made when the first one comes" }],
  flags: {
    host: {
      type: "string",
      value: "ADDRESS",
      description: "Address to listen at (default 127.0.0.1: this machine only)",
    },
    port: { type: "string", value: "N", description: "Port to listen at; 0 takes a free one (default 8730)" },
    tokens: { type: "string", value: "PATH", description: "A file of lines `read TOKEN` and `write TOKEN`" },
    trust: {
      type: "string",
      value: "KEY",
      multiple: true,
      description: "Take only results that this public key signed",
    },
    "max-file": { type: "string", value: "GIB", description: "Largest file that is taken, GiB (default 16)" },
    "max-size": {
      type: "string",
      value: "GIB",
      description: "Size of the folder at which no more is taken, GiB (default 100)",
    },
    quiet: { type: "boolean", short: "q", description: "Log no requests" },
  },
  notes: [
    [
      "Tokens",
      [
        [
          "write",
          "needed to publish: SEQLOOM_CACHE_WRITE_TOKEN, or lines of the file; without one, nobody can publish",
        ],
        ["read", "needed to read: SEQLOOM_CACHE_READ_TOKEN, or lines of the file; without one, everybody can read"],
      ],
    ],
  ],
  examples: [
    ["SEQLOOM_CACHE_WRITE_TOKEN=… seqloom cache serve /srv/seqloom", "On this machine, for a reverse proxy"],
    ["seqloom cache serve /srv/seqloom --host 0.0.0.0 --tokens /etc/seqloom-tokens", "For the local network"],
  ],

  async run(args, { out, err }) {
    const access = accessOf(args, process.env);
    const limits = { maxFileBytes: sizeOf(args, "max-file", 16), maxTotalBytes: sizeOf(args, "max-size", 100) };
    const host = flagValue(args, "host") ?? "127.0.0.1";
    const port = wholeNumber("port", flagValue(args, "port") ?? "8730", 0);
    if (port > 65_535) throw new UsageError(`--port is ${port}, expected at most 65535`, "For example: --port 8730");
    const [{ ServedFolder, Trust }, { cacheApp }, { listen }] = await Promise.all([
      import("@seqloom/core/remote"),
      import("../../serve/app.js"),
      import("../../serve/listen.js"),
    ]);
    const folder = new ServedFolder(resolve(args.positionals[0]), limits, new Trust(args.values.trust ?? []));
    const log = args.has.has("quiet") ? () => {} : (served: Served) => void err.write(logLine(served));
    const interrupt = listenForInterrupt();
    try {
      const server = await listen(cacheApp(folder, access, log), host, port).catch((error: NodeJS.ErrnoException) => {
        throw new UsageError(`cannot listen at ${host}:${port} (${error.code})`, "Choose another --host or --port.");
      });
      out.write(`${server.url}\n`);
      if (access.writeTokens.length === 0) err.write("There is no write token: nobody can publish.\n");
      await new Promise<void>((ended) => interrupt.signal.addEventListener("abort", () => ended(), { once: true }));
      await server.close(10_000);
      return EXIT.ok;
    } finally {
      interrupt.release();
    }
  },
};

/** @throws UsageError for a file of tokens that cannot be read. The message never shows a token. */
function accessOf(args: Arguments, environment: Readonly<Record<string, string | undefined>>) {
  const path = flagValue(args, "tokens");
  const tokens = {
    read: words(environment.SEQLOOM_CACHE_READ_TOKEN),
    write: words(environment.SEQLOOM_CACHE_WRITE_TOKEN),
  };
  for (const [at, line] of path === undefined ? [] : linesOf(path).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, kind, token] = /^(read|write)\s+(\S+)\s*$/.exec(line) ?? [];
    if (kind === undefined) {
      throw new UsageError(`line ${at + 1} of ${path} is no token`, "Each line is `read TOKEN` or `write TOKEN`.");
    }
    tokens[kind as "read" | "write"].push(token);
  }
  return { readTokens: tokens.read, writeTokens: tokens.write };
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch (error) {
    throw new UsageError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code})`, "Give the path of a file.");
  }
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

function sizeOf(args: Arguments, flag: string, fallback: number): number {
  const text = flagValue(args, flag);
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new UsageError(`--${flag} is "${text}", expected a size in GiB`, `For example: --${flag} ${fallback}`);
  }
  return Math.floor(value * GIB);
}

function logLine({ method, path, status, ms }: Served): string {
  // What a client sends may hold anything: only its printable part is shown.
  return `${method} ${path.replace(/[^\x20-\x7e]/g, "?")} ${status} ${ms.toFixed(0)} ms\n`;
}
