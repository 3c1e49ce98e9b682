/**
 * @file What people read when they make a mistake. Each `bad/*.yaml` is run; what is printed must be what the `.txt` beside
 * it says. After a wanted change: `npx vitest run test/golden -u`, then read the difference.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Diagnostic, openRegistry, renderDiagnostics } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { compileText } from "@seqloom/core/yaml";
import { afterAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("./bad", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
const registry = openRegistry(
  ["data", "text", "audio", "models"].map((name) => new URL(import.meta.resolve(`@seqloom/${name}/stages.json`))),
);
const home = mkdtempSync(join(tmpdir(), "seqloom-golden-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The problems of compiling, or else those of the stages that failed. */
async function problemsOf(name: string): Promise<readonly Diagnostic[]> {
  const path = join(folder, name);
  const text = readFileSync(path, "utf8").replaceAll("%DATA%", pathToFileURL(join(folder, "data")).href);
  const { pipeline, diagnostics } = await compileText(text, path, registry, {}, home);
  if (pipeline === null) return diagnostics;
  const record = await runPipeline(pipeline, { store: openStore(home) });
  return record.stages.flatMap((stage) => stage.diagnostics);
}

describe("a bad pipeline or data file", () => {
  it("is there in every kind", () => expect(files.length).toBeGreaterThanOrEqual(50));

  it.each(files)("%s", async (name) => {
    const diagnostics = await problemsOf(name);
    expect(diagnostics.length).toBeGreaterThan(0);
    const printed = renderDiagnostics(diagnostics, { directory: folder });
    const neutral = printed
      .replaceAll(pathToFileURL(folder).href, "file:///bad")
      .replaceAll(`${folder}/`, "")
      // Which stages are installed, and how many, is no part of the message's meaning.
      .replace(/(?<=help: Valid stages: )[^…]*(?=, …)/, "(the first of them)")
      .replace(/\(\d+ in all\)(?=\. `seqloom stages`)/, "(N in all)");
    await expect(`${neutral}\n`).toMatchFileSnapshot(join(folder, `${basename(name, ".yaml")}.txt`));
  });
});
