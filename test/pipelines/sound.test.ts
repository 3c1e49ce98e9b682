/** @file Pipelines that hear, on real recordings and with less training than they are measured with. Skipped where the data is not there. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { seqloom } from "../cli/support.js";
import { mirror, root, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

describe.skipIf(mirror === null)("on real data (needs SEQLOOM_MIRROR)", () => {
  it("trigger-word: finds most of the words in scenes of other recordings, and says when in a file", async () => {
    const set = {
      "params.train": "150",
      "params.validation": "40",
      "params.test": "40",
      "stages.model.with.epochs": "8",
      "stages.detected.with.false_alarms_per_hour": "60",
    };
    const { metrics } = stageOf(await runFile("pipelines/trigger-word.yaml", home, set), "scores");
    console.log(`trigger-word: ${metrics.detected} of ${metrics.events}, ${metrics.false_alarms} false alarms`);
    expect(metrics.hours).toBeGreaterThan(0.07);
    expect(metrics.detection_rate).toBeGreaterThan(0.5);
    expect(metrics.false_alarms_per_hour).toBeLessThan(300);
    const clip = "computer-en-099d6097-ce0f-403a-b30d-0ced99f1e44e.wav";
    const file = join(mirror!, "audio/wake-word-computer/computer/en", clip);
    const settings = Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const args = ["predict", join(root, "pipelines/trigger-word.yaml"), ...settings, "--json", "--file", file];
    const { detections } = JSON.parse(seqloom(args, { env: { SEQLOOM_HOME: home } }).out);
    expect(detections.length).toBeLessThanOrEqual(2);
    for (const { seconds } of detections) expect(seconds).toBeLessThan(2);
  }, 300_000);

  it("roar-identity: the melody alone tells four speakers apart, labels at random do not", async () => {
    const record = await runFile("pipelines/roar-identity.yaml", home, { "params.epochs": "6" });
    const [scores, shuffled] = ["scores", "shuffled_scores"].map((name) => stageOf(record, name).metrics.accuracy);
    console.log(`roar-identity: accuracy ${scores.toFixed(3)}; of labels at random ${shuffled.toFixed(3)}`);
    expect(scores).toBeGreaterThan(0.5);
    expect(shuffled).toBeLessThan(0.4);
  }, 300_000);

  it("spoken-digits-speakers: knows digits of a speaker who was never heard", async () => {
    const set = { "params.speaker": "george", "stages.more.with.copies": "1", "stages.model.with.epochs": "4" };
    const { metrics } = stageOf(await runFile("pipelines/spoken-digits-speakers.yaml", home, set), "scores");
    console.log(
      `spoken-digits-speakers: accuracy ${metrics.accuracy.toFixed(3)} over ${metrics.rows} recordings of george`,
    );
    expect(metrics.rows).toBe(300);
    expect(metrics.accuracy).toBeGreaterThan(0.3);
  }, 300_000);
});
