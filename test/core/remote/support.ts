import { existsSync, readdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Pipeline, RunRecord } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { openRemoteCache } from "@seqloom/core/remote";
import { onTestFinished } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("../run/fixtures/stages.mjs", import.meta.url));

/** A source, two maps and an estimator: six artifacts. */
export function smallPipeline(): Pipeline {
  return pipelineOf([
    node("rows", fixture("source"), { with: { count: 12 } }),
    node("upper", fixture("upper"), { in: "rows", with: { suffix: "!" } }),
    node("label", fixture("label"), { in: "upper" }),
    node("longest", fixture("longest"), { in: "label" }),
  ]);
}

/** `count` stages that do not depend on each other. */
export function wide(count: number): Pipeline {
  const nodes = Array.from({ length: count }, (_, i) => node(`s${i}`, fixture("source"), { with: { salt: i } }));
  return pipelineOf(nodes);
}

/** `count` stages, one after the other. */
export function chain(count: number): Pipeline {
  const nodes = Array.from({ length: count }, (_, i) =>
    i === 0
      ? node("s0", fixture("source"))
      : node(`s${i}`, fixture("upper"), { in: `s${i - 1}`, with: { suffix: `${i}` } }),
  );
  return pipelineOf(nodes);
}

/** Runs a pipeline in a new store (or this one) with a remote cache; `env` is all that is known of the environment. */
export async function runWith(
  pipeline: Pipeline,
  address: string,
  env: Readonly<Record<string, string>> = {},
  home = temporaryFolder(),
  signal?: AbortSignal,
): Promise<RunRecord> {
  const store = openStore(home);
  const remote = () => openRemoteCache(store, { directory: home, address, environment: env });
  return runPipeline(pipeline, { store, remote, concurrency: 2, ...(signal !== undefined && { signal }) });
}

/** May publish. */
export const WRITE = { SEQLOOM_CACHE_WRITE: "1" } as const;

/** Every digest of a run, by stage and port. */
export function digests(record: RunRecord): Record<string, string> {
  return Object.fromEntries(
    record.stages.flatMap(({ name, outputs }) =>
      Object.entries(outputs).map(([port, { digest }]) => [`${name}.${port}`, digest]),
    ),
  );
}

/** Stage → `hit`, `remote`, `run`, … */
export function statuses({ stages }: RunRecord): Record<string, string> {
  return Object.fromEntries(stages.map(({ name, status, from }) => [name, from ?? status]));
}

/** The warnings of a run about the remote cache, joined. */
export function warningsOf({ diagnostics = [] }: RunRecord): string {
  return diagnostics.map(({ code, severity, message }) => `${severity}[${code}] ${message}`).join("\n");
}

/** Every file below a folder; none when it is not there. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
}

/** A server on this machine that ends with the test, with all its connections. */
export async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; readonly server: Server; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, asked };
}

/** What a well-behaved server holds, and a way to answer from it. */
export function memory() {
  const held = new Map<string, Buffer>();
  const put = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      const taken = held.has(path) && request.headers["if-none-match"] === "*";
      if (!taken) held.set(path, Buffer.concat(chunks));
      response.writeHead(taken ? 412 : 201).end();
    });
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const found = held.get(request.url ?? "");
    if (request.method === "PUT") put(request, response);
    else if (found === undefined) response.writeHead(404).end();
    else {
      response.writeHead(200, { "content-length": found.length });
      response.end(request.method === "HEAD" ? undefined : found);
    }
  };
  return { held, answer };
}
