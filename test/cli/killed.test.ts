import { setTimeout as sleep } from "node:timers/promises";
import { hashSeed, Random, rootSeed } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { filesUnder } from "../core/store/support.js";
import { folderWith, seqloom, startSeqloom, TRAINING } from "./support.js";

const RUN = ["run", "pipeline.yaml", "--json", "--no-report", "--checkpoints=always"];
const KILLS = 4;

/** The digests of all results. */
function digests(out: string): object {
  const { status, stages } = JSON.parse(out);
  expect(status).toBe("succeeded");
  return stages.map(({ name, outputs }: { name: string; outputs: object }) => [name, outputs]);
}

describe("a run that is killed again and again", () => {
  it.each([
    ["the command alone", false],
    ["the command and its model process", true],
  ])(
    "(%s), at any time, comes to the digests of an undisturbed one",
    async (who, both) => {
      const random = new Random(hashSeed(rootSeed(1), who));
      const began = performance.now();
      const expected = digests(seqloom(RUN, { cwd: folderWith({ "pipeline.yaml": TRAINING }) }).out);
      let whole = performance.now() - began;
      let cwd = folderWith({ "pipeline.yaml": TRAINING });
      for (let killed = 0; killed < KILLS; ) {
        const { child, ended } = startSeqloom(RUN, { cwd, group: true });
        // The first ones early, so that there is something left to kill.
        await Promise.race([sleep(((random.uniform() + killed) / KILLS) * whole), ended]);
        const pid = child.pid as number;
        if (child.exitCode === null) process.kill(both ? -pid : pid, "SIGKILL");
        const { code, out } = await ended;
        if (code === null) {
          killed++;
          continue;
        }
        // It was over first: there is nothing left to kill here, and the others must come sooner.
        expect(digests(out)).toEqual(expected);
        cwd = folderWith({ "pipeline.yaml": TRAINING });
        whole /= 2;
      }
      const last = seqloom(RUN, { cwd });
      expect(digests(last.out)).toEqual(expected);
      expect(JSON.parse(seqloom(["cache", "verify", "--json"], { cwd }).out).damaged).toEqual([]);
      // A model process whose command is gone ends too; then nothing of the dead ones is left.
      await expect
        .poll(
          () => {
            seqloom(["cache", "gc", "--json"], { cwd });
            return filesUnder(`${cwd}/.seqloom`).filter((path) => /^(tmp|checkpoints|quarantine)\//.test(path));
          },
          { timeout: 20_000 },
        )
        .toEqual([]);
    },
    180_000,
  );
});
