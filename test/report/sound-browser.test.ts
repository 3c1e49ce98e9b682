/// <reference lib="dom" />
/** @file A pipeline with sounds, run by the command; its report, opened from the disk, plays them. */
import { existsSync, rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { wavBytes } from "@seqloom/audio";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWith, seqloom } from "../cli/support.js";

const CHROMIUM = process.env.SEQLOOM_CHROMIUM ?? "/usr/bin/chromium";

const RATE = 8000;
const glide = Float32Array.from(
  { length: 2 * RATE },
  (_, i) => 0.4 * Math.sin(2 * Math.PI * (200 + i / 100) * (i / RATE)),
);

const PIPELINE = `seqloom: 1
name: sounds
stages:
  clips: { use: audio/load-wav, with: { files: "*.wav" } }
  spectra: { use: audio/log-mel, in: clips, with: { n_fft: 256, hop_length: 80, n_mels: 40 } }
  sounds: { use: audio/write-wav, in: clips }
`;

describe.skipIf(!existsSync(CHROMIUM))("a report with sounds in Chromium", () => {
  let folder = "";
  let report = "";
  let browser: Browser | undefined;
  beforeAll(async () => {
    folder = folderWith({ "glide.wav": wavBytes(glide, RATE), "pipeline.yaml": PIPELINE }, true);
    const { out } = seqloom(["run", "pipeline.yaml", "--json"], { cwd: folder });
    ({ report } = JSON.parse(out) as { report: string });
    const args = ["--no-sandbox", "--headless", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const opened = async (colorScheme: "light" | "dark", width = 1280): Promise<{ page: Page; complaints: string[] }> => {
    const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
    });
    await page.goto(pathToFileURL(report).href);
    return { page, complaints };
  };

  it("plays a clip: its time goes on, and it is as long as the file", async () => {
    const { page, complaints } = await opened("light");
    const players = page.locator("audio");
    expect(await players.count()).toBe(2); // the clip, and the file that a stage wrote
    for (const place of [0, 1]) {
      const played = await players.nth(place).evaluate(async (audio: HTMLAudioElement) => {
        audio.muted = true;
        const moved = new Promise<void>((done) => {
          audio.addEventListener("timeupdate", () => {
            if (audio.currentTime > 0) done();
          });
        });
        await audio.play();
        await moved;
        return { duration: audio.duration, error: audio.error?.message ?? null };
      });
      expect(played.error).toBeNull();
      expect(played.duration).toBeCloseTo(2, 2);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(["light", "dark"] as const)(
    "draws its pictures in the %s scheme, on wide pages and on narrow ones",
    async (scheme) => {
      const { page, complaints } = await opened(scheme, 390);
      const pictures = page.locator("#sound svg.plot");
      expect(await pictures.count()).toBe(2);
      const ink = await pictures
        .first()
        .locator("text")
        .first()
        .evaluate((text) => getComputedStyle(text).fill);
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(contrast(ink, paper)).toBeGreaterThan(4.5);
      // The picture in it is really decoded: an image that cannot be is not drawn.
      const href = await pictures.nth(1).locator("image").first().getAttribute("href");
      const size = await page.evaluate(async (address) => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      }, href ?? "");
      expect(size).toEqual([201, 40]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );
});

/** Contrast of two colours, as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [a, b] = [one, other].map((color) => {
    const [red, green, blue] = color.match(/\d+/g)!.map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  });
  return Math.max(a, b) / Math.min(a, b);
}
