/** @file Every pipeline of the checkout compiles, and says what it is. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadFile, root, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

const files = readdirSync(join(root, "pipelines")).filter((name) => name.endsWith(".yaml"));

describe("a pipeline file of the checkout", () => {
  it.each(files)("%s compiles, has the name of its file and a description", async (name) => {
    const pipeline = await loadFile(join("pipelines", name), home);
    expect(`${pipeline.name}.yaml`).toBe(name);
    expect(pipeline.nodes.length).toBeGreaterThan(2);
  });
});
