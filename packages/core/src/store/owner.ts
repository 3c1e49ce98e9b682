/** @file Who made a staging folder, so that the folder of a dead process can be told from that of a live one. */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { StoreFs } from "./fs.js";

/** A folder of a process that cannot be asked (another machine, another container) is kept this long. */
const FOREIGN_LIFE = 7 * 24 * 3600 * 1000;

/** A name for a staging folder: machine, boot, process, start of the process, random. */
export function stagingName(): string {
  return `${ownerToken()}.${randomBytes(6).toString("hex")}`;
}

/** Names this process among all of all machines: `<machine>.<boot>.<pid>.<start>`. */
export function ownerToken(): string {
  return [machine(), boot(), process.pid, ownStart()].join(".");
}

/** Whether the process that a token names is gone: `unknown` when it ran on another machine or in another container. */
export function isDead(token: string): boolean | "unknown" {
  const [itsMachine, itsBoot, pid, start] = token.split(".");
  if (itsMachine !== machine()) return "unknown";
  if (itsBoot !== boot()) return true;
  const now = startOf(Number(pid));
  if (now !== undefined) return start !== "0" && now !== start;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Removes the staging folders of processes that are gone. Costs one look at an empty folder when there are none. */
export function sweep(folder: string, fs: StoreFs): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    try {
      const dead = isDead(name);
      if (dead === true || (dead === "unknown" && Date.now() - statSync(path).mtimeMs > FOREIGN_LIFE)) fs.remove(path);
    } catch {
      // Another process may sweep at the same time.
    }
  }
}

/** A container has its own name, or at least its own table of processes. */
const machine = once(() => digest(`${hostname()} ${quietly(() => readlinkSync("/proc/self/ns/pid"))}`));

const boot = once(() => digest(quietly(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))));

const ownStart = once(() => startOf(process.pid) ?? "0");

function once(make: () => string): () => string {
  let known: string | undefined;
  return () => {
    known ??= make();
    return known;
  };
}

/** When a process started, in ticks since the start of the machine (Linux): a number of a process may be used again. */
function startOf(pid: number): string | undefined {
  const stat = quietly(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The name of the program, in parentheses, may hold spaces. The start is field 22, the 20th after the name.
  return stat === "" ? undefined : stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
