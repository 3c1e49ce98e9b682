import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Key, RunRecord } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { openRemoteCache } from "@seqloom/core/remote";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";
import { chain, digests, filesIn, memory, runWith, serve, statuses, WRITE, warningsOf, wide } from "./support.js";

/** Seconds without a byte after which a server is given up: for those that say nothing, and for those that say something wrong. */
const [QUICK, PATIENT] = [0.25, 30];

async function open(address: string, timeout: number, environment: Readonly<Record<string, string>> = {}) {
  const home = temporaryFolder();
  const settings = `cache:\n  timeout_seconds: ${timeout}\n  flush_seconds: ${2 * timeout}\n`;
  writeFileSync(join(home, "seqloom.config.yaml"), settings);
  const store = openStore(join(home, ".seqloom"));
  const remote = await openRemoteCache(store, { directory: home, address, environment });
  if (remote === null) throw new Error("no address");
  return { store, remote };
}

async function runOn(
  address: string,
  env: Readonly<Record<string, string>> = {},
  pipeline = wide(1),
  timeout = PATIENT,
): Promise<RunRecord> {
  const { store, remote } = await open(address, timeout, env);
  return runPipeline(pipeline, { store, remote: async () => remote, concurrency: 1 });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What a good server holds after one stage was published. */
const good = memory();
let right: Record<string, string>;
let key: Key;

beforeAll(async () => {
  const server = createHttpServer(good.answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  const home = mkdtempSync(join(tmpdir(), "seqloom-remote-"));
  const record = await runWith(wide(1), `http://127.0.0.1:${port}`, WRITE, home);
  right = digests(record);
  key = record.stages[0].key!;
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true });
});

/** The request is for a file, not for a result. */
const isFile = ({ url = "" }: IncomingMessage): boolean => url.startsWith("/cas/");

/** Answers files in another way than a good server; results as they are. */
const forFiles =
  (answer: (bytes: Buffer, response: ServerResponse) => void): Handler =>
  (request, response) =>
    isFile(request) ? answer(good.held.get(request.url!)!, response) : good.answer(request, response);

/** Answers with a result that was changed. */
const forResults =
  (change: (result: Record<string, never>, text: string) => unknown): Handler =>
  (request, response) => {
    const text = good.held.get(request.url!)!.toString();
    const changed = isFile(request) ? null : change(JSON.parse(text), text);
    if (changed === null) good.answer(request, response);
    else response.end(typeof changed === "string" ? changed : JSON.stringify(changed));
  };

type Output = { files: { name: string; size: number }[]; digest: string };
const output = (result: Record<string, never>): Output =>
  (result as unknown as { outputs: { data: Output } }).outputs.data;
const withFile = (change: (file: Output["files"][number]) => void) =>
  forResults((result) => {
    change(output(result).files[0]);
    return result;
  });

const BAD: readonly (readonly [what: string, handler: Handler, says: string | RegExp, timeout?: number])[] = [
  ["answers 500", (_, response) => void response.writeHead(500).end("no"), "it answered 500"],
  ["answers 429", (_, response) => void response.writeHead(429).end(), "it answered 429"],
  ["never answers", () => {}, "nothing came for 0.25 s", QUICK],
  [
    "hangs in the middle of a result",
    ({ url = "" }, response) => hang(good.held.get(url)!, response),
    "nothing came for 0.25 s",
    QUICK,
  ],
  ["hangs in the middle of a file", forFiles(hang), "nothing came for 0.25 s", QUICK],
  ["drips a byte at a time", forFiles(drip), "it is too slow to be of use", 1.5],
  [
    "breaks the connection in the middle of a file",
    forFiles((bytes, response) => {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 10), () => response.destroy());
    }),
    "the connection failed",
  ],
  [
    "ends a file early",
    forFiles((bytes, response) => {
      response.write(bytes.subarray(0, 5));
      response.end(bytes.subarray(5, 10));
    }),
    "ended after 10 of",
  ],
  [
    "sends other bytes of the same size",
    forFiles((bytes, response) => void response.end(Buffer.alloc(bytes.length, 7))),
    "holds other bytes than its name says",
  ],
  [
    "sends more than it said",
    forFiles((bytes, response) => {
      response.write(bytes);
      response.end(bytes);
    }),
    "sends more than the",
  ],
  ["says another size", forFiles((_, response) => void response.end(Buffer.from("abc"))), "has 3 bytes where"],
  [
    "announces another size",
    forFiles(
      (bytes, response) =>
        void response.writeHead(200, { "content-length": bytes.length * 2 }).end(Buffer.alloc(bytes.length * 2)),
    ),
    "has 1012 bytes where 506 were expected",
  ],
  ["lacks a file of a result", forFiles((_, response) => void response.writeHead(404).end()), "of a result is missing"],
  [
    "redirects elsewhere",
    (_, response) => void response.writeHead(302, { location: "http://169.254.169.254/latest" }).end(),
    "redirects to http://169.254.169.254/latest, which is not followed",
  ],
  ["answers 206", (_, response) => void response.writeHead(206).end("half"), "it answered 206"],
  ["gives no JSON", forResults(() => "<html>hello</html>"), "is no JSON"],
  ["gives a list", forResults(() => []), "not in a form that is known"],
  [
    "gives the result of another key",
    forResults((result) => ({ ...result, key: "0".repeat(64) })),
    "says that it is another one",
  ],
  [
    "gives a key record of something else",
    forResults((result) => ({ ...result, record: { ...(result.record as object), seed: "1" } })),
    "a key record that is not its own",
  ],
  [
    "names a file with ..",
    withFile((file) => void Object.assign(file, { name: "../../../../etc/evil" })),
    'malformed output "data"',
  ],
  [
    "names a file with an absolute path",
    withFile((file) => void Object.assign(file, { name: "/tmp/evil" })),
    'malformed output "data"',
  ],
  [
    "names a file with NUL",
    withFile((file) => void Object.assign(file, { name: "a\u0000b" })),
    'malformed output "data"',
  ],
  [
    "lies about a size",
    withFile((file) => void Object.assign(file, { size: 3 })),
    "a digest that is not that of its files",
  ],
  ["claims a size below zero", withFile((file) => void Object.assign(file, { size: -1 })), 'malformed output "data"'],
  [
    "claims a digest that is a path",
    withFile((file) => void Object.assign(file, { digest: `${"../".repeat(21)}x` })),
    'malformed output "data"',
  ],
  [
    "has a port too many",
    forResults((result) => ({ ...result, outputs: { data: output(result), more: output(result) } })),
    "other ports than its key",
  ],
  [
    "uses a key __proto__",
    forResults((_, text) => text.replace('"computeMs"', '"__proto__":{"polluted":1},"computeMs"')),
    'has a key "__proto__"',
  ],
  [
    "nests deeply",
    forResults((_, text) => text.replace('"preview":', `"deep":${"[".repeat(50_000)}${"]".repeat(50_000)},"preview":`)),
    "nested deeper than 100",
  ],
  [
    "sends a result without end",
    (request, response) => (isFile(request) ? good.answer(request, response) : endless(response)),
    /sends more than the 16777216 bytes|too slow/,
  ],
];

/** Begins to send what is asked for, and hangs. */
function hang(bytes: Buffer, response: ServerResponse): void {
  response.writeHead(200, { "content-length": bytes.length });
  response.write(bytes.subarray(0, 20));
}

/** A byte now and then: never silent, never done. */
function drip(bytes: Buffer, response: ServerResponse): void {
  response.writeHead(200, { "content-length": bytes.length });
  let sent = 0;
  const timer = setInterval(() => response.write(bytes.subarray(sent, ++sent)), 50);
  response.on("close", () => clearInterval(timer));
}

/** Spaces for as long as someone listens. */
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(1 << 20, 32);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}

describe("a remote cache that misbehaves fails no run, and its bytes reach no store", () => {
  for (const [what, handler, says, timeout = PATIENT] of BAD) {
    it(`one that ${what}`, async () => {
      const { url } = await serve(handler);
      const { store, remote } = await open(url, timeout);
      expect(await remote.fetch(key, new AbortController().signal)).toBeNull();
      const { diagnostics, summary } = await remote.close(new AbortController().signal);
      expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["warning remote-cache"]);
      expect(diagnostics[0].message).toMatch(says);
      expect(summary.hits).toBe(0);
      expect(
        filesIn(store.directory)
          .map((path) => basename(path))
          .sort(),
      ).toEqual([".gitignore", "CACHEDIR.TAG", "format"].filter(() => existsSync(store.directory)));
    });
  }

  it("the run that asked it computes, and gives the right result", async () => {
    const { url } = await serve(forFiles((bytes, response) => void response.end(Buffer.alloc(bytes.length))));
    const record = await runOn(url);
    expect(statuses(record)).toEqual({ s0: "run" });
    expect(digests(record)).toEqual(right);
    expect(warningsOf(record)).toContain("warning[remote-cache]");
  });

  it("one that is not there, or speaks no HTTP", async () => {
    const closed = await serve(() => {});
    closed.server.close();
    expect(warningsOf(await runOn(closed.url))).toContain("ECONNREFUSED");
    const babble = createServer((socket) => void socket.end("hello\n"));
    await new Promise<void>((resolve) => babble.listen(0, "127.0.0.1", resolve));
    const { port } = babble.address() as { readonly port: number };
    const record = await runOn(`http://127.0.0.1:${port}`);
    babble.close();
    expect(statuses(record)).toEqual({ s0: "run" });
    expect(warningsOf(record)).toContain("the connection failed");
  });

  it("is asked no more after three failures: ten stages cost three requests", async () => {
    const { url, asked } = await serve((_, response) => void response.writeHead(503).end());
    const record = await runOn(url, {}, chain(10));
    expect(record.status).toBe("succeeded");
    expect(asked).toHaveLength(3);
    expect(warningsOf(record)).toContain("it answered 503 (3 times)");
  });

  it("is asked once when it refuses the credentials", async () => {
    const { url, asked } = await serve((_, response) => void response.writeHead(403).end());
    expect((await runOn(url, WRITE, chain(5))).remote).toMatchObject({ hits: 0, published: 0, notPublished: 5 });
    expect(asked).toHaveLength(1);
  });

  it("holds up the end of a run no longer than agreed when it takes results slowly", async () => {
    const { url } = await serve((request, response) => {
      if (request.method === "PUT") request.on("data", () => {});
      else response.writeHead(404).end();
    });
    const record = await runOn(url, WRITE, wide(3), QUICK);
    expect(record.status).toBe("succeeded");
    expect(record.remote).toMatchObject({ published: 0, notPublished: 3 });
    expect(warningsOf(record)).toMatch(/nothing came|too slow/);
  });

  it("lets an interrupted run end at once", async () => {
    const controller = new AbortController();
    const { url } = await serve(() => controller.abort());
    const record = await runWith(wide(2), url, {}, temporaryFolder(), controller.signal);
    expect(record.status).toBe("interrupted");
  });
});
