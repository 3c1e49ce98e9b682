/** @file Brings the file at a URL into the cache of downloads, whole and verified, or not at all. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Progress } from "../stages/context.js";
import { makeFolder } from "../store/fs.js";

/** How to download. */
export interface DownloadOptions {
  /** Folder of the cache: a file lies at `<first two digits>/<sha256>`. */
  readonly downloads: string;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Milliseconds before the second, third, … try. */
  readonly retryDelays?: readonly number[] | undefined;
  /** Milliseconds without a byte after which a try is given up. */
  readonly timeout?: number | undefined;
}

/** Where the cache keeps the content with this digest, whether it is there or not. */
export function cachePath(downloads: string, sha256: string): string {
  return join(downloads, sha256.slice(0, 2), sha256);
}

/** A failure that another try may mend. */
class Passing extends Error {}

const DELAYS = [500, 1_000, 2_000];
const TIMEOUT = 30_000;
let counter = 0;

/**
 * Downloads a URL (`https:`, `http:` or `file:`) into the cache and gives its path there.
 * @throws DiagnosticError `download-failed`, `sha256-mismatch` or `disk-full`; the reason of `signal` when that aborts.
 */
export async function download(url: string, sha256: string, options: DownloadOptions): Promise<string> {
  const delays = options.retryDelays ?? DELAYS;
  for (let tries = 0; ; tries++) {
    try {
      return await once(url, sha256, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      if (tries === delays.length) throw failed(url, `${error.message} (tried ${tries + 1} times)`);
      // Its own error of an abort says less than the reason of the signal.
      await wait(delays[tries], undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
    }
  }
}

async function once(url: string, sha256: string, options: DownloadOptions): Promise<string> {
  const target = cachePath(options.downloads, sha256);
  const temporary = `${target}.${process.pid}-${counter++}.tmp`;
  makeFolder(dirname(target));
  try {
    const got = await receive(url, temporary, options);
    if (got.digest !== sha256) throw mismatch(url, sha256, got);
    await rename(temporary, target);
    return target;
  } catch (error) {
    await rm(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
      throw fail("disk-full", `no space left in "${options.downloads}" for ${url}`, {
        hint: "Make room there, or set SEQLOOM_HOME to a folder on a larger disk.",
      });
    }
    throw error;
  }
}

interface Received {
  readonly digest: string;
  readonly bytes: number;
  /** Whether the server sent it compressed: it was unpacked on the way, so the bytes are not those of its file. */
  readonly unpacked: boolean;
}

async function receive(url: string, path: string, options: DownloadOptions): Promise<Received> {
  const idle = new AbortController();
  const limit = options.timeout ?? TIMEOUT;
  const giveUp = (): void => idle.abort(new Passing(`nothing received for ${limit / 1000} s`));
  let timer = setTimeout(giveUp, limit);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  const hash = createHash("sha256");
  const handle = await open(path, "wx");
  let bytes = 0;
  let shown = 0;
  try {
    const { body, total, unpacked } = await source(url, signal);
    for await (const chunk of chunksOf(body, signal)) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, limit);
      hash.update(chunk);
      await handle.writeFile(chunk);
      bytes += chunk.length;
      if (bytes - shown > 1 << 20) {
        shown = bytes;
        options.onProgress?.({ done: bytes, ...(total > 0 && { total }), unit: "bytes", message: url });
      }
    }
    await handle.sync();
    options.onProgress?.({ done: bytes, total: bytes, unit: "bytes", message: url });
    return { digest: hash.digest("hex"), bytes, unpacked };
  } finally {
    clearTimeout(timer);
    await handle.close();
  }
}

interface Source {
  readonly body: AsyncIterable<Uint8Array>;
  readonly total: number;
  readonly unpacked: boolean;
}

async function source(url: string, signal: AbortSignal): Promise<Source> {
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if (protocol === "file:") {
    const path = fileURLToPath(url);
    if (!existsSync(path)) throw failed(url, "there is no such file");
    return { body: createReadStream(path, { signal }), total: 0, unpacked: false };
  }
  if (protocol !== "https:" && protocol !== "http:") {
    throw fail("download-failed", `cannot download "${url}": a URL begins with https://, http:// or file://`);
  }
  let response: Response;
  try {
    // Not compressed on the way: the digest is that of the file as the server has it.
    response = await fetch(url, { signal, headers: { "accept-encoding": "identity" } });
  } catch (error) {
    throw passing(error, signal);
  }
  const { status, statusText, headers } = response;
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const reason = `the server answered ${status} ${statusText}`.trimEnd();
    throw status >= 500 || status === 408 || status === 429 ? new Passing(reason) : failed(url, reason);
  }
  return {
    body: response.body as AsyncIterable<Uint8Array>,
    total: Number(headers.get("content-length") ?? 0),
    unpacked: headers.has("content-encoding"),
  };
}

/** The chunks of a body; a connection that breaks is worth another try. */
async function* chunksOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw passing(error, signal);
  }
}

function passing(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const { message, cause } = error as Error;
  return new Passing(
    cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? message) : message,
  );
}

function failed(url: string, reason: string): DiagnosticError {
  return fail("download-failed", `cannot download ${url}: ${reason}`, {
    hint: "Check the URL and the connection. Without a network, put the file into a folder and set SEQLOOM_MIRROR to that folder: files are found there by their SHA-256.",
  });
}

function mismatch(url: string, expected: string, { digest, bytes, unpacked }: Received): DiagnosticError {
  const note = unpacked ? " The server sent it compressed, which changes its bytes." : "";
  return fail("sha256-mismatch", `${url} has SHA-256 ${digest} (${bytes} bytes), expected ${expected}`, {
    hint: `The file at this URL is not the one that the pipeline was written for; nothing was kept.${note} If the new content is what you want, set sha256 to the digest received.`,
  });
}
