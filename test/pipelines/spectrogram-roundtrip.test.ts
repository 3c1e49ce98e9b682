/** @file Sound to spectra and back on real recordings. Skipped where the data is not there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openWav } from "@seqloom/audio";
import { afterAll, describe, expect, it } from "vitest";
import { seqloom } from "../cli/support.js";
import { mirror, root, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

describe.skipIf(mirror === null)("on real data (needs SEQLOOM_MIRROR)", () => {
  it("spectrogram-roundtrip: complex spectra give the sound back, powers one that has the same powers, as WAV files", async () => {
    const file = "pipelines/spectrogram-roundtrip.yaml";
    const record = await runFile(file, home);
    const back = stageOf(record, "back_scores").metrics;
    const guessed = stageOf(record, "guessed_scores").metrics;
    console.log(
      `spectrogram-roundtrip: largest error ${back.max_error.toExponential(2)}; Griffin-Lim convergence ${guessed.spectral_convergence.toFixed(4)}`,
    );
    expect(back.rows).toBe(200);
    expect(back.max_error).toBeLessThan(1e-5);
    expect(back.snr_db).toBeGreaterThan(100);
    expect(guessed.spectral_convergence).toBeLessThan(0.1);
    const to = join(home, "sounds");
    const { out } = seqloom(["export", join(root, file), "--to", to, "--json"], { env: { SEQLOOM_HOME: home } });
    expect(JSON.parse(out)).toMatchObject({ stage: "sounds" });
    expect(readdirSync(to)).toHaveLength(20);
    const wav = openWav(join(to, "0_george_0.wav"));
    wav.close();
    expect(wav).toMatchObject({ sampleRate: 8000, channels: 1, encoding: "int16" });
    expect(wav.length).toBe(
      (stageOf(record, "sounds").outputs.files.preview as unknown as Preview).files[0].size / 2 - 22,
    );
    expect(readFileSync(join(to, "0_george_0.wav"), "latin1").slice(0, 4)).toBe("RIFF");
  }, 120_000);
});

interface Preview {
  readonly files: readonly { readonly size: number }[];
}
