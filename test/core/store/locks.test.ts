import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "@seqloom/core/engine";
import {
  acquire,
  fileAddresses,
  type Holder,
  LeaseLocker,
  type Locker,
  listLocks,
  openLocker,
  SocketLocker,
  systemAddresses,
} from "@seqloom/core/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";

const ME: Holder = { pid: process.pid, host: "me", run: "01ME", stage: "x", since: "", progress: null };
/** A thread that was not given a core for a second still holds its lease. */
const TIMES = { beat: 30, dead: 2000, look: 10 };
const never = new AbortController().signal;

const WAYS = ["system", "files", "lease"] as const;
type Way = (typeof WAYS)[number];

function lockerOf(way: Way, folder: string): Locker {
  if (way === "lease") return new LeaseLocker(openStore(folder), TIMES);
  return new SocketLocker(way === "files" ? fileAddresses(folder, "s-") : systemAddresses(folder.replace(/\W/g, "")));
}

/** Another process that holds the lock "thing". */
async function holderProcess(way: Way, folder: string): Promise<ChildProcess & { say(line: string): Promise<void> }> {
  const script = fileURLToPath(new URL("./fixtures/hold-lock.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, way, folder], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let heard = "";
  child.stdout.on("data", (chunk) => {
    heard += chunk;
  });
  const until = async (text: string): Promise<void> => {
    while (!heard.includes(text)) await once(child.stdout, "data");
  };
  await until("held");
  const say = async (line: string): Promise<void> => {
    child.stdin.write(`${line}\n`);
    await until(`did ${line}`);
  };
  return Object.assign(child, { say });
}

describe.each(WAYS)("a lock by %s", (way) => {
  it("is had by one at a time, and free again when it was released", async () => {
    const locker = lockerOf(way, temporaryFolder());
    const lock = await locker.attempt("thing", ME);
    expect(lock).not.toBeNull();
    expect(await locker.attempt("thing", ME)).toBeNull();
    const other = await locker.attempt("another", ME);
    expect(other).not.toBeNull();
    await Promise.all([lock?.release(), other?.release()]);
    const again = await locker.attempt("thing", ME);
    expect(again).not.toBeNull();
    await again?.release();
  });

  it("tells those who wait who has it and how far it is, and lets them in when it is released", async () => {
    const folder = temporaryFolder();
    const child = await holderProcess(way, folder);
    const heard: Holder[] = [];
    const waiting = acquire(lockerOf(way, folder), "thing", ME, (one) => heard.push(one), never);
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(heard[0]).toMatchObject({ pid: child.pid, run: "01RUN", stage: "model", progress: null });
    await child.say("tell epoch 3/10");
    while (heard.at(-1)?.progress !== "epoch 3/10") await new Promise((resolve) => setTimeout(resolve, 5));
    await child.say("release");
    const lock = await waiting;
    expect(lock).not.toBeNull();
    await lock?.release();
  });

  it("is free after kill -9 of the process that has it", async () => {
    const folder = temporaryFolder();
    const child = await holderProcess(way, folder);
    const waiting = acquire(lockerOf(way, folder), "thing", ME, () => {}, never);
    child.kill("SIGKILL");
    const lock = await waiting;
    expect(lock).not.toBeNull();
    await lock?.release();
  });

  it("stays with a process that is too busy to answer", async () => {
    const folder = temporaryFolder();
    const child = await holderProcess(way, folder);
    const blocked = child.say("block"); // longer than what makes a lease dead
    const order: string[] = [];
    const waiting = acquire(lockerOf(way, folder), "thing", ME, () => {}, never).then((lock) => {
      order.push("had");
      return lock;
    });
    await blocked;
    order.push("unblocked");
    await child.say("release");
    await (await waiting)?.release();
    expect(order).toEqual(["unblocked", "had"]);
  });

  it("is no longer waited for when the run is stopped", async () => {
    const folder = temporaryFolder();
    await holderProcess(way, folder);
    const controller = new AbortController();
    const waiting = acquire(
      lockerOf(way, folder),
      "thing",
      ME,
      () => controller.abort(new Error("stop")),
      controller.signal,
    );
    await expect(waiting).rejects.toThrow("stop");
  });

  it("is shown with who has it", async () => {
    const folder = temporaryFolder();
    const child = await holderProcess(way, folder);
    expect(await lockerOf(way, folder).list()).toEqual([
      { name: "thing", holder: expect.objectContaining({ pid: child.pid, stage: "model" }) },
    ]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await lockerOf(way, folder).list()).toEqual([]);
  });
});

describe("a lock that makes no sense", () => {
  it("is not waited for when its holder never says a word", async () => {
    const addresses = systemAddresses(temporaryFolder().replace(/\W/g, ""));
    const mute = createServer(() => {}).listen(addresses.of("thing"));
    onTestFinished(() => void mute.close());
    await once(mute, "listening");
    expect(await acquire(new SocketLocker(addresses, 50), "thing", ME, () => {}, never)).toBeNull();
  });

  it("is taken over when a machine that is gone left it, and no sooner", async () => {
    const folder = temporaryFolder();
    const locker = new LeaseLocker(openStore(folder), TIMES);
    mkdirSync(join(folder, "locks"));
    const lease = { ...ME, host: "elsewhere", owner: "deadbeef.0.1.0.x", beat: 1 };
    const path = join(folder, "locks", "thing");
    writeFileSync(path, JSON.stringify(lease));
    let beats = 1;
    const beat = (): void => {
      // Whole or not at all, as leases are renewed.
      writeFileSync(`${path}.new`, JSON.stringify({ ...lease, beat: ++beats }));
      renameSync(`${path}.new`, path);
    };
    const alive = setInterval(beat, 100);
    const order: string[] = [];
    const waiting = acquire(locker, "thing", ME, () => {}, never).then((lock) => {
      order.push("had");
      return lock;
    });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    clearInterval(alive);
    order.push("dead");
    await (await waiting)?.release();
    expect(order).toEqual(["dead", "had"]);
    expect(readdirSync(join(folder, "locks"))).toEqual([]);
  });

  it("is no lock where locks cannot be made: the run goes on without", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    const locker = new SocketLocker(fileAddresses(join(file, "no-folder"), "s-"));
    expect(await acquire(locker, "thing", ME, () => {}, never)).toBeNull();
  });
});

describe("the locks of a store", () => {
  it("are the same by every path to it, and those of another store are others", async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    const lock = await openLocker(openStore(folder))?.attempt("thing", ME);
    expect(
      await openLocker(openStore(join(folder, "..", folder.split("/").at(-1) ?? "")))?.attempt("thing", ME),
    ).toBeNull();
    expect(await listLocks(openStore(other))).not.toContainEqual(expect.objectContaining({ name: "thing" }));
    expect(await listLocks(openStore(folder))).toContainEqual({ name: "thing", holder: ME });
    await lock?.release();
  });

  it("are chosen by SEQLOOM_LOCKS", () => {
    const store = openStore(temporaryFolder());
    expect(openLocker(store, { SEQLOOM_LOCKS: "off" })).toBeNull();
    expect(openLocker(store, { SEQLOOM_LOCKS: "lease" })).toBeInstanceOf(LeaseLocker);
    expect(openLocker(store, { SEQLOOM_LOCKS: "socket" })).toBeInstanceOf(SocketLocker);
  });
});
