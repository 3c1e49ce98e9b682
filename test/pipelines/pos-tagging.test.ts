/** @file The tagger on the English Web Treebank. Skipped where the data is not there. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { seqloom } from "../cli/support.js";
import { mirror, root, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

describe.skipIf(mirror === null)("on real data (needs SEQLOOM_MIRROR)", () => {
  it("pos-tagging: learns from 2,001 sentences to tag words of others, and tags what is typed in", async () => {
    const { metrics } = stageOf(await runFile("pipelines/pos-tagging.yaml", home), "scores");
    console.log(`pos-tagging: accuracy ${metrics.accuracy.toFixed(4)} over ${metrics.tokens} words`);
    expect(metrics.tokens).toBe(25_094);
    expect(metrics.accuracy).toBeGreaterThan(0.83);
    const file = join(root, "pipelines/pos-tagging.yaml");
    const { out } = seqloom(["predict", file, "--text", "The old man saw her."], { env: { SEQLOOM_HOME: home } });
    expect(out).toMatch(/^The\/DET old\/ADJ man\/NOUN saw\/VERB her\/PRON \.\/PUNCT\n$/);
    const json = seqloom(["predict", file, "--json", "--text", "We left."], { env: { SEQLOOM_HOME: home } });
    expect(JSON.parse(json.out).tags[0]).toEqual({ token: "We", tag: "PRON" });
  }, 300_000);
});
