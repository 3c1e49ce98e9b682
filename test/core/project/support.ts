import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadPipeline, type Pipeline, renderDiagnostics } from "@seqloom/core";
import { openStore, planPipeline, reasonText, runPipeline, type Store } from "@seqloom/core/engine";
import { expect } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";

/** A project: a folder with a pipeline and stages of its own, on which it can be loaded, planned and run. */
export class Project {
  readonly folder = temporaryFolder();
  readonly home = join(this.folder, ".seqloom");

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  edit(name: string, from: string, to: string): void {
    const text = readFileSync(join(this.folder, name), "utf8");
    expect(text).toContain(from);
    this.write(name, text.replace(from, to));
  }

  get store(): Store {
    return openStore(this.home);
  }

  async load(): Promise<Pipeline> {
    const { pipeline, diagnostics } = await loadPipeline(join(this.folder, "p.yaml"), {
      manifests: [],
      home: this.home,
    });
    expect(renderDiagnostics(diagnostics)).toBe("");
    return pipeline as Pipeline;
  }

  /** Stage → `hit`, `run` or `failed`. */
  async run(): Promise<Record<string, string>> {
    const { stages } = await runPipeline(await this.load(), { store: this.store });
    return Object.fromEntries(stages.map(({ name, status, diagnostics }) => [name, diagnostics[0]?.message ?? status]));
  }

  /** Stage → `hit`, or the reasons to run in words. */
  async plan(): Promise<Record<string, string>> {
    const { nodes } = await planPipeline(await this.load(), this.store);
    return Object.fromEntries(
      nodes.map((one) => [one.node.name, "reasons" in one ? one.reasons.map(reasonText).join("; ") : one.status]),
    );
  }
}

/** A stage that makes rows, and is its own file. */
export const ROWS = `import { dataset, defineStage, Dataset, utf8 } from "@seqloom/core";
import { z } from "zod";
export const rows = defineStage({
  id: "own/rows", version: 1, description: "Rows.", inputs: {}, outputs: { data: dataset({ text: "utf8" }) },
  params: z.strictObject({ texts: z.array(z.string()).default(["A", "b"]) }), inference: "source",
  run: (_, { texts }) => ({ data: Dataset.of({ text: utf8(texts) }) }),
});
`;

/** A map whose \`apply\` is this expression over \`text\`, with imports of its own. */
export const mapping = (id: string, expression: string, imports = "", more = ""): string => `${imports}
import { dataset, defineMap, utf8 } from "@seqloom/core";
import { z } from "zod";
export const stage = defineMap({
  id: "own/${id}", version: 1, description: "Maps text.",
  input: dataset({ text: "utf8" }), output: dataset({ text: "utf8" }), params: z.strictObject({}),${more}
  apply: (batch) => batch.with({ text: utf8([...batch.column("text").values].map((text) => ${expression})) }),
});
`;
