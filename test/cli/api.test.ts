import { join } from "node:path";
import { loadPipeline } from "seqloom";
import { describe, expect, it } from "vitest";
import { folderWith, SMALL } from "./support.js";

describe("loadPipeline of the package seqloom", () => {
  it("needs nothing but a path: it knows the installed stages", async () => {
    const folder = folderWith({ "pipeline.yaml": SMALL });
    const { pipeline, diagnostics } = await loadPipeline(join(folder, "pipeline.yaml"));
    expect(diagnostics).toEqual([]);
    expect(pipeline?.nodes.map(({ name }) => name)).toEqual(["reviews", "clean", "tokens"]);
  });

  it("takes values to replace", async () => {
    const folder = folderWith({ "pipeline.yaml": SMALL });
    const { pipeline } = await loadPipeline(join(folder, "pipeline.yaml"), { set: { "params.rows": "60" } });
    expect(pipeline?.nodes[0].params).toMatchObject({ rows: 60 });
  });

  it("gives what is wrong with a file as data", async () => {
    const { pipeline, diagnostics } = await loadPipeline(join(folderWith({}), "nothing.yaml"));
    expect(pipeline).toBeNull();
    expect(diagnostics[0]).toMatchObject({ code: "pipeline-file", severity: "error" });
  });
});
