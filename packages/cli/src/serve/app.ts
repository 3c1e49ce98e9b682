/** @file The cache server as an HTTP application: `GET`, `HEAD` and `PUT` of `/ac/<key>` and `/cas/<sha256>`. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Readable } from "node:stream";
import type { Area, ServedFolder, Stored } from "@seqloom/core/remote";
import { type Context, Hono } from "hono";

/** Who may do what. */
export interface Access {
  /** Whoever has one of these may read; without any, everybody may. */
  readonly readTokens: readonly string[];
  /** Whoever has one of these may write, and read; without any, nobody may write. */
  readonly writeTokens: readonly string[];
}

/** One answered request, for the log. It holds nothing secret. */
export interface Served {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

/** Uploads that are received at the same time. */
const UPLOADS = 32;

const STATUS = { stored: 201, taken: 412, wrong: 422, untrusted: 403, "too-large": 413, full: 507 } as const;

/** Makes the application. */
export function cacheApp(folder: ServedFolder, access: Access, log: (served: Served) => void): Hono {
  const app = new Hono();
  const [readers, writers] = [access.readTokens.map(hashed), access.writeTokens.map(hashed)];
  let uploads = 0;

  app.use(async (context, next) => {
    const started = performance.now();
    await next();
    const { method, path } = context.req;
    log({ method, path: path.slice(0, 80), status: context.res.status, ms: performance.now() - started });
  });
  app.onError((_, context) => answer(context, 500, "the server failed; its log says how"));
  app.notFound((context) => answer(context, 404, "there is nothing here"));
  app.get("/health", (context) => context.json({ status: "ok", bytes: folder.bytes }));

  app.all("/:area{ac|cas}/:name", async (context) => {
    const { area, name } = context.req.param() as { readonly area: Area; readonly name: string };
    const { method } = context.req;
    const writes = method === "PUT";
    if (!writes && method !== "GET" && method !== "HEAD") {
      return answer(context, 405, "GET, HEAD and PUT are known here", { allow: "GET, HEAD, PUT" });
    }
    if (!/^[0-9a-f]{64}$/.test(name)) return answer(context, 400, "a name is 64 hexadecimal digits");
    const token = /^Bearer (.+)$/.exec(context.req.header("authorization") ?? "")?.[1];
    const mayWrite = token !== undefined && isOneOf(token, writers);
    const mayRead = readers.length === 0 || mayWrite || (token !== undefined && isOneOf(token, readers));
    if (writes ? !mayWrite : !mayRead) return denied(context, token !== undefined);
    if (!writes) return read(context, area, name);
    if (uploads >= UPLOADS) return answer(context, 503, "too many uploads at once", { "retry-after": "1" });
    uploads++;
    try {
      return await write(context, area, name);
    } finally {
      uploads--;
    }
  });

  async function read(context: Context, area: Area, name: string): Promise<Response> {
    const size = await folder.find(area, name);
    if (size === null) return answer(context, 404, "there is nothing of this name");
    const range = rangeOf(context.req.header("range"), size);
    if (range === "unsatisfiable") {
      return answer(context, 416, "there are not so many bytes", { "content-range": `bytes */${size}` });
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    const headers = {
      "content-type": area === "ac" ? "application/json" : "application/octet-stream",
      "content-length": String(end - start + 1),
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      etag: `"${name}"`,
      ...(range !== null && { "content-range": `bytes ${start}-${end}/${size}` }),
    };
    const status = range === null ? 200 : 206;
    if (context.req.method === "HEAD" || size === 0) return new Response(null, { status, headers });
    const body = Readable.toWeb(folder.read(area, name, start, end)) as ReadableStream;
    return new Response(body, { status, headers });
  }

  async function write(context: Context, area: Area, name: string): Promise<Response> {
    const { body } = context.req.raw;
    // Before it is sent: what is there already need not be sent again.
    if ((await folder.find(area, name)) !== null) return answer(context, 412, "something has this name already");
    const stored: Stored = await folder.write(area, name, (body ?? Readable.from([])) as AsyncIterable<Uint8Array>);
    return answer(context, STATUS[stored.outcome], "why" in stored ? stored.why : stored.outcome);
  }

  return app;
}

/** A part of a file: one range; several are answered with all of it, as the standard allows. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | null {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === undefined || (from === "" && to === "")) return null;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? "unsatisfiable" : { start, end };
}

function denied(context: Context, known: boolean): Response {
  return known
    ? answer(context, 403, "this token does not allow it")
    : answer(context, 401, "a token is needed", { "www-authenticate": "Bearer" });
}

function answer(context: Context, status: number, text: string, headers: Record<string, string> = {}): Response {
  const body = context.req.method === "HEAD" ? null : `${text}\n`;
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
}

/** Digests are compared, so that how long it takes tells nothing of the token. */
function hashed(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function isOneOf(token: string, known: readonly Buffer[]): boolean {
  const own = hashed(token);
  return known.reduce((found, one) => timingSafeEqual(one, own) || found, false);
}
