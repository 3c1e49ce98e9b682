/**
 * @file Locks that the kernel releases: who listens on a socket of this name has the lock. When its process ends, however
 * it ends, the name is free at once. Those who wait are connected, and hear how far it is, and when it is over.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../fs.js";
import { type Holder, type Lock, type Locker, parseHolder } from "./lock.js";

/** Where the names of sockets live. */
export interface Addresses {
  of(name: string): string;
  /** The names that are in use, or look like it. */
  names(): string[];
  /** Whether a socket leaves a file behind when its process dies. */
  readonly files: boolean;
}

/** A holder that says nothing for so long is stopped, or no holder. */
const SILENCE = 60_000;
/** So often does a holder say that it lives. */
const BEAT = 10_000;
/** So long does `list` wait for an answer. */
const ANSWER = 3_000;

/** The addresses of this system, for locks of one scope: a short word of letters and digits. */
export function systemAddresses(scope: string, platform: NodeJS.Platform = process.platform): Addresses {
  const prefix = `seqloom-${scope}-`;
  const after = (names: readonly string[]): string[] =>
    names.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  if (platform === "linux") {
    // Abstract sockets: no file, nothing to clean. Linux lists them with an @ in the place of each zero byte.
    const listed = (): string[] => {
      const lines = readFileSync("/proc/net/unix", "latin1").split("\n");
      return [...new Set(lines.map((line) => line.slice(line.lastIndexOf(" ") + 1).replaceAll("@", "")))];
    };
    return { of: (name) => `\0${prefix}${name}`, names: () => after(listed()), files: false };
  }
  if (platform === "win32") {
    const pipes = "\\\\.\\pipe\\";
    return { of: (name) => `${pipes}${prefix}${name}`, names: () => after(readdirSync(pipes)), files: false };
  }
  return fileAddresses(tmpdir(), prefix);
}

/** Sockets as files of a folder. Paths of sockets must be short: 103 bytes. */
export function fileAddresses(folder: string, prefix: string): Addresses {
  return {
    of: (name) => join(folder, `${prefix}${name}`),
    names: () => readdirSync(folder).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
    files: true,
  };
}

/** Locks by sockets. */
export class SocketLocker implements Locker {
  readonly #addresses: Addresses;
  readonly #silence: number;

  constructor(addresses: Addresses, silence = SILENCE) {
    this.#addresses = addresses;
    this.#silence = silence;
  }

  attempt(name: string, holder: Holder): Promise<Lock | null> {
    const listeners = new Set<Socket>();
    let now = holder;
    const line = (): string => `${JSON.stringify(now)}\n`;
    const tellAll = (): void => {
      for (const socket of listeners) socket.write(line());
    };
    let released = false;
    const server = createServer((socket) => {
      // It came in while the lock was being given back: to close it is the answer.
      if (released) return void socket.destroy();
      listeners.add(socket);
      socket.unref();
      socket.on("error", () => {}); // gone: not worth a word
      socket.on("close", () => listeners.delete(socket));
      socket.resume();
      socket.write(line());
    });
    const beat = setInterval(tellAll, BEAT).unref();
    const lock: Lock = {
      tell(progress) {
        if (now.progress === progress) return;
        now = { ...now, progress };
        tellAll();
      },
      release: () =>
        new Promise((resolve) => {
          released = true;
          clearInterval(beat);
          server.close(() => resolve());
          for (const socket of listeners) socket.destroy();
        }),
    };
    return new Promise((resolve, reject) => {
      server.once("error", (error) => {
        clearInterval(beat);
        if (errorCode(error) === "EADDRINUSE") resolve(null);
        else reject(error);
      });
      server.listen({ path: this.#addresses.of(name), exclusive: true }, () => {
        server.on("error", () => {}); // a connection that could not be accepted
        server.unref();
        resolve(lock);
      });
    });
  }

  async wait(name: string, onHolder: (holder: Holder) => void, signal: AbortSignal): Promise<boolean> {
    const end = await this.#listen(name, onHolder, this.#silence, signal);
    if (end === "refused") {
      if (this.#addresses.files) rmSync(this.#addresses.of(name), { force: true }); // left by a process that was killed
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return end !== "silent";
  }

  async list(): Promise<readonly { readonly name: string; readonly holder: Holder | null }[]> {
    const found = this.#addresses.names().map(async (name) => {
      let holder: Holder | null = null;
      const enough = new AbortController();
      const heard = (one: Holder): void => {
        holder = one;
        enough.abort();
      };
      const end = await this.#listen(name, heard, ANSWER, enough.signal);
      return { name, holder: holder as Holder | null, gone: end === "refused" };
    });
    return (await Promise.all(found)).filter(({ gone }) => !gone).map(({ name, holder }) => ({ name, holder }));
  }

  /** How the connection ended: closed by the other side or by us, never made, or without a word for too long. */
  #listen(
    name: string,
    onHolder: (holder: Holder) => void,
    silence: number,
    signal: AbortSignal,
  ): Promise<"over" | "refused" | "silent"> {
    return new Promise((resolve) => {
      const socket = connect(this.#addresses.of(name));
      let connected = false;
      let rest = "";
      const end = (how: "over" | "refused" | "silent"): void => {
        signal.removeEventListener("abort", onAbort);
        socket.destroy();
        resolve(how);
      };
      const onAbort = (): void => end("over");
      signal.addEventListener("abort", onAbort);
      socket.setTimeout(silence, () => end("silent"));
      socket.on("connect", () => {
        connected = true;
      });
      socket.on("data", (chunk) => {
        const lines = (rest + chunk).split("\n");
        rest = (lines.pop() ?? "").slice(-10_000);
        const holder = lines.map(parseHolder).findLast((one) => one !== null);
        if (holder !== undefined && holder !== null) onHolder(holder);
      });
      socket.on("error", () => {}); // "close" follows
      socket.on("close", () => end(connected ? "over" : "refused"));
    });
  }
}
