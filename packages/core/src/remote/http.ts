/** @file A remote cache behind HTTP: `/ac/<key>` and `/cas/<sha256>`, as Bazel's remote caches have it. */
import { Readable } from "node:stream";
import { type Area, type Received, RemoteProblem, type RemoteStorage, type Sent } from "./storage.js";

/** Turns a request into one that the server accepts: adds a token, or a signature. */
export type Authorize = (request: HttpRequest) => Promise<Readonly<Record<string, string>>>;

/** A request before it is authorized. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hexadecimal. */
  readonly digest: string;
}

const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** A server at an address without a slash at its end. Redirections are not followed: a token is for this server alone. */
export class HttpStorage implements RemoteStorage {
  readonly label: string;
  readonly #base: string;
  readonly #authorize: Authorize;

  constructor(base: string, authorize: Authorize, label = base) {
    this.label = label;
    this.#base = base;
    this.#authorize = authorize;
  }

  async find(area: Area, name: string, signal: AbortSignal): Promise<number | null> {
    const response = await this.#send("HEAD", area, name, signal);
    if (response.status === 404) return null;
    expectSuccess(response);
    return sizeOf(response) ?? -1;
  }

  async read(area: Area, name: string, signal: AbortSignal): Promise<Received | null> {
    const response = await this.#send("GET", area, name, signal);
    if (response.status === 404 || response.status === 410) {
      await discard(response);
      return null;
    }
    if (response.status !== 200) {
      await discard(response);
      expectSuccess(response);
      throw new RemoteProblem("wrong", `it answered ${response.status} where 200 was expected`);
    }
    const body = response.body === null ? Readable.from([]) : (response.body as AsyncIterable<Uint8Array>);
    return { size: sizeOf(response), body: broken(body) };
  }

  async write(area: Area, name: string, sent: Sent, signal: AbortSignal): Promise<boolean> {
    const response = await this.#send("PUT", area, name, signal, sent);
    await discard(response);
    // 409 is how some servers say that another writer is at it.
    if (response.status === 412 || response.status === 409) return false;
    expectSuccess(response);
    return true;
  }

  async #send(
    method: HttpRequest["method"],
    area: Area,
    name: string,
    signal: AbortSignal,
    sent?: Sent,
  ): Promise<Response> {
    const url = `${this.#base}/${area}/${name}`;
    const headers: Record<string, string> = {
      // The bytes themselves: they are compared with their digest, and packed bytes could be any number of others.
      "accept-encoding": "identity",
      ...(sent !== undefined && { "content-length": String(sent.size), "if-none-match": "*" }),
    };
    const authorized = await this.#authorize({ method, url, headers, digest: sent?.digest ?? EMPTY });
    const body = sent === undefined ? null : (Readable.toWeb(sent.open()) as ReadableStream);
    try {
      return await fetch(url, {
        method,
        headers: authorized,
        redirect: "manual",
        signal,
        ...(body !== null && { body, duplex: "half" }),
      } as RequestInit);
    } catch (error) {
      throw passing(error, signal);
    }
  }
}

function expectSuccess({ status, headers }: Response): void {
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) {
    const to = headers.get("location") ?? "elsewhere";
    throw new RemoteProblem("denied", `it redirects to ${to.slice(0, 200)}, which is not followed`);
  }
  if (status === 401 || status === 403) throw new RemoteProblem("denied", `it refuses the credentials (${status})`);
  if (status === 413 || status === 507) throw new RemoteProblem("wrong", `it has no room for this (${status})`);
  throw new RemoteProblem("unavailable", `it answered ${status}`);
}

function sizeOf({ headers }: Response): number | null {
  const text = headers.get("content-length");
  return text !== null && /^\d{1,15}$/.test(text) && headers.get("content-encoding") === null ? Number(text) : null;
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

/** A connection that breaks in the middle of a file. */
async function* broken(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw passing(error);
  }
}

/** The reason of an abort stays itself; the cause of a failed connection is in the error's cause. */
function passing(error: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof RemoteProblem || (error as Error).name === "AbortError") return error;
  const { code, message } = ((error as Error).cause ?? error) as { readonly code?: string; readonly message?: string };
  return new RemoteProblem("unavailable", `the connection failed (${code ?? message ?? "no reason given"})`);
}
