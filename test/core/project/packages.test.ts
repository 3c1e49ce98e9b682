import { describe, expect, it } from "vitest";
import { mapping, Project, ROWS } from "./support.js";

const manifest = (name: string, version: string, more: object = {}) =>
  JSON.stringify({ name, version, type: "module", exports: { import: "./index.js" }, ...more });

const lock = (versions: Readonly<Record<string, string>>) =>
  JSON.stringify({
    packages: Object.fromEntries(
      Object.entries(versions).map(([name, integrity]) => [`node_modules/${name}`, { integrity }]),
    ),
  });

const installed = () =>
  new Project({
    "p.yaml": "seqloom: 1\nstages:\n  rows: { use: ./rows.ts }\n  low: { use: own-stages#stage, in: rows }\n",
    "rows.ts": ROWS,
    "node_modules/own-stages/package.json": manifest("own-stages", "1.0.0", { dependencies: { helper: "^1" } }),
    // Installed packages find Seqloom as Node does; here it is where the test runs.
    "node_modules/own-stages/index.js": mapping("low", "lower(text)", 'import { lower } from "helper";')
      .replace('"@seqloom/core"', JSON.stringify(import.meta.resolve("@seqloom/core")))
      .replace('"zod"', JSON.stringify(import.meta.resolve("zod"))),
    "node_modules/helper/package.json": manifest("helper", "1.0.0"),
    "node_modules/helper/index.js": "export const lower = (text) => text.toLowerCase();\n",
    "node_modules/.package-lock.json": lock({ "own-stages": "sha512-a", helper: "sha512-b" }),
  });

describe("a stage of an installed package", () => {
  it("is known by name, version and integrity of the package and of what it depends on", async () => {
    const p = installed();
    const { code } = (await p.load()).nodes[1].stage;
    expect(code).toMatchObject({
      mode: "package",
      hasher: "package/1",
      packages: [
        ["helper", "1.0.0"],
        ["own-stages", "1.0.0"],
      ],
    });
    expect(await p.run()).toEqual({ rows: "run", low: "run" });
    expect(await p.run()).toEqual({ rows: "hit", low: "hit" });
    p.write("node_modules/helper/package.json", manifest("helper", "1.0.1"));
    expect((await p.plan()).low).toContain("package helper 1.0.0 → 1.0.1");
  });

  it("is another when the same version was installed with another content", async () => {
    const p = installed();
    await p.run();
    p.write("node_modules/.package-lock.json", lock({ "own-stages": "sha512-a", helper: "sha512-c" }));
    expect((await p.plan()).low).toMatch(/^code changed/);
  });

  it("is known by its content where no package manager noted an integrity", async () => {
    const p = installed();
    p.write("node_modules/.package-lock.json", "{}");
    await p.run();
    expect(await p.run()).toEqual({ rows: "hit", low: "hit" });
    p.write("node_modules/helper/index.js", "export const lower = (text) => text.toUpperCase();\n");
    expect((await p.plan()).low).toMatch(/^code changed/);
  });

  it("leaves its version in the key of a project's stage that imports it, and no other's", async () => {
    const p = installed();
    p.write("p.yaml", "seqloom: 1\nstages:\n  rows: { use: ./rows.ts }\n  low: { use: ./low.ts, in: rows }\n");
    p.write("low.ts", mapping("low", "lower(text)", 'import { lower } from "helper";'));
    const [rows, low] = (await p.load()).nodes.map(({ stage }) => stage.code.packages.map(([name]) => name));
    expect(low).toContain("helper");
    expect(rows).not.toContain("helper");
    await p.run();
    p.write("node_modules/helper/package.json", manifest("helper", "2.0.0"));
    expect(await p.plan()).toEqual({ rows: "hit", low: "package helper 1.0.0 → 2.0.0" });
  });
});
