import {
  type AnyStage,
  applyStage,
  artifactType,
  type Columns,
  type Dataset,
  type DatasetPort,
  DiagnosticError,
  executeStage,
  type Port,
  type StageContext,
  type StageExample,
} from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { testContext } from "./context.js";
import { datasetOf, type Row, rowsOfDataset } from "./rows.js";

/** What the suite cannot find out from the stage itself. */
export interface StageSuiteOptions {
  /** Parameters of the checks that are no examples. Default: those of the first example. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Rows of the checks that are no examples. Default: the input of the first example that has rows. */
  readonly rows?: readonly Row[];
  /** Types of input columns that neither the ports nor the conventional names tell. */
  readonly types?: Columns;
  /** Values of the input ports other than `data`. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Files, device and whatever else the stage needs. */
  readonly context?: Partial<StageContext>;
  /** Checks to leave out. Say why where you ask for it. */
  readonly skip?: readonly ("examples" | "batches" | "empty" | "unicode")[];
}

type Outputs = Readonly<Record<string, unknown>>;

/** Scripts that break careless code: marks that combine, emoji in several code points, right to left, no spaces. */
const SCRIPTS = [
  "naïve café, São Tomé – “quoted”…",
  "e\u0301te\u0301 A\u030angstro\u0308m",
  "👩‍👩‍👧 love it!!! 😂😂 👍🏽 🇩🇪",
  "שלום עולם, مرحبا بالعالم",
  "日本語のテキスト。ไทย हिन्दी 한국어",
  "𝒳 𐐷 ﬁn ẞ İstanbul ΣΑΣ",
];

const BROKEN = [
  "\ud83d alone",
  "low \udc00",
  "\u0000 nul",
  "",
  "   ",
  "\ufeffbom\u2028line\u00a0space",
  "__proto__ constructor",
];

/**
 * The contract of every stage, as tests: parameters, ports and examples are true; results are the same each time and,
 * row by row, whatever the batch; no rows, strange text and an aborted run are met with grace; inputs stay as they are.
 */
export function describeStage(stage: AnyStage, options: StageSuiteOptions = {}): void {
  const examples = stage.examples ?? [];
  const params = options.with ?? examples[0]?.with ?? {};
  const rows = options.rows ?? examples.find((example) => (example.in?.length ?? 0) > 0)?.in ?? [];
  const port = inputPort(stage);
  const types: Columns = { ...port?.columns, ...port?.optional, ...options.types };
  const skips = new Set(options.skip);

  const parse = (given: unknown): Record<string, unknown> => stage.params.parse(given ?? {});
  const context = (overrides: Partial<StageContext> = {}) => testContext({ ...options.context, ...overrides });
  const input = (from: readonly Row[] = rows): Dataset => datasetOf(from, types);
  const run = (data: Dataset, given: unknown = params, overrides: Partial<StageContext> = {}): Promise<Outputs> =>
    executeStage(stage, { ...(port && { data }), ...options.inputs }, parse(given), context(overrides));
  let fitted: Promise<Outputs> | undefined;
  /** As at prediction time: an estimator is fitted on `rows` first, once. */
  const apply = async (data: Dataset): Promise<Dataset> => {
    if (stage.kind === "stage") return (await run(data)).data as Dataset;
    if (stage.kind === "estimator") fitted ??= run(input());
    return applyStage(stage, data, (await fitted)?.state, parse(params), context());
  };
  const bytes = (outputs: Outputs) => bytesOf(outputPorts(stage, parse(params)), outputs);

  describe(`${stage.id} keeps the contract of stages`, () => {
    it("has an id, a version and a description that lists can show", () => {
      expect(stage.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(stage.version).toSatisfy((version: number) => Number.isInteger(version) && version >= 1);
      expect(stage.description).toMatch(/^[A-Z][^\n]*\.$/);
    });

    it("has a strict parameter schema that becomes JSON Schema, with a description for each parameter", () => {
      const schema = z.toJSONSchema(stage.params, { io: "input" });
      const silent = Object.entries(schema.properties ?? {}).filter(
        ([, property]) => typeof property !== "object" || !property.description,
      );
      expect(silent.map(([name]) => name)).toEqual([]);
      expect(schema.additionalProperties).toBe(false);
    });

    it("parses to parameters that JSON holds without loss", () => {
      for (const given of [params, ...examples.map((example) => example.with ?? {})]) {
        const parsed = parse(given);
        expect(JSON.parse(JSON.stringify(parsed))).toStrictEqual(parsed);
        expect(parse(parsed)).toStrictEqual(parsed);
        expect(stage.check?.(parsed) ?? []).toEqual([]);
      }
    });

    it("gives what its output ports promise", async () => {
      const data = input();
      const outputs = await run(data);
      for (const [name, declared] of Object.entries(outputPorts(stage, parse(params)))) {
        expect(Object.keys(outputs)).toContain(name);
        if (declared.artifact !== "dataset") continue;
        const columns = typesOf(outputs[name] as Dataset);
        expect(columns).toMatchObject(declared.columns);
        if (stage.kind !== "stage")
          expect(Object.keys(columns)).toEqual(expect.arrayContaining([...data.columns.keys()]));
      }
    });

    it("gives the same bytes for the same input and seed", async () => {
      expect(await bytes(await run(input()))).toEqual(await bytes(await run(input())));
    });

    if (!skips.has("examples") && examples.length > 0) {
      it.each(examples.map(titled))("example: %s", async (_, example) => {
        const { data } = await run(input(example.in ?? []), example.with ?? {});
        const expected = example.out ?? [];
        expect(rowsOfDataset(data as Dataset, Object.keys(expected[0] ?? {}))).toEqual(expected);
      });
    }

    // What follows needs rows to give: a source has none.
    if (port === undefined) return;

    it("leaves its input as it is", async () => {
      const data = input();
      const before = await artifactType("dataset").encode(data);
      await run(data);
      expect(await artifactType("dataset").encode(data)).toEqual(before);
    });

    it("ends when it is aborted: with the reason of the signal, or with its usual result", async () => {
      const signal = AbortSignal.abort();
      const result = await run(input(), params, { signal }).catch((error: unknown) => ({ error }));
      if ("error" in result) expect(result.error).toBe(signal.reason);
      else expect(await bytes(result)).toEqual(await bytes(await run(input())));
    });

    if (!skips.has("empty")) {
      it("takes no rows: by no rows, or by a diagnostic where there must be some", async () => {
        const result = await run(input().slice(0, 0)).catch((error: unknown) => ({ error }));
        if ("error" in result) expect(result.error).toBeInstanceOf(DiagnosticError);
        else await bytes(result);
        if (stage.kind !== "stage") expect((await apply(input().slice(0, 0))).rows).toBe(0);
      });
    }

    if (stage.kind !== "stage" && !skips.has("batches")) {
      it.each([1, 7])("gives the same rows in batches of %d as in one", async (size) => {
        const data = input(Array.from({ length: 15 }, (_, i) => rows[i % rows.length]));
        const parts: Row[] = [];
        for (let start = 0; start < data.rows; start += size) {
          parts.push(...rowsOfDataset(await apply(data.slice(start, start + size))));
        }
        expect(parts).toEqual(rowsOfDataset(await apply(data)));
      });
    }

    const wordy = Object.entries(types).filter(
      ([name, type]) => (type === "utf8" || type === "tokens") && name in rows[0],
    );
    if (wordy.length > 0 && !skips.has("unicode")) {
      const strange = (texts: readonly string[]): Dataset =>
        input(
          texts.map((text, i) => ({
            ...rows[i % rows.length],
            ...Object.fromEntries(wordy.map(([name, type]) => [name, type === "utf8" ? text : text.split(" ")])),
          })),
        );

      it("takes any script, and gives text that UTF-8 can hold", async () => {
        const data = await apply(strange(SCRIPTS));
        const again = await artifactType("dataset").decode(await artifactType("dataset").encode(data));
        expect(rowsOfDataset(again as Dataset)).toEqual(rowsOfDataset(data));
      });

      it("takes broken text: halves of surrogate pairs, NUL, nothing, spaces only", async () => {
        const data = await apply(strange(BROKEN));
        if (stage.kind !== "stage") expect(data.rows).toBe(BROKEN.length);
        await artifactType("dataset").encode(data);
      });
    }
  });
}

function inputPort(stage: AnyStage): DatasetPort | undefined {
  if (stage.kind !== "stage") return stage.input;
  const data = stage.inputs.data;
  return data?.artifact === "dataset" ? data : undefined;
}

function outputPorts(stage: AnyStage, params: Record<string, unknown>): Readonly<Record<string, Port>> {
  if (stage.kind === "stage") return stage.outputsFor?.(params) ?? stage.outputs;
  if (stage.kind === "map") return { data: stage.output };
  const report: Record<string, Port> = stage.describe ? { report: { artifact: "metrics" } } : {};
  return { data: stage.output, state: { artifact: stage.state }, ...report };
}

async function bytesOf(ports: Readonly<Record<string, Port>>, outputs: Outputs): Promise<unknown> {
  return Promise.all(
    Object.entries(ports).map(async ([name, port]) => [name, await artifactType(port.artifact).encode(outputs[name])]),
  );
}

function typesOf(data: Dataset): Columns {
  return Object.fromEntries([...data.columns].map(([name, { type }]) => [name, type]));
}

function titled(example: StageExample, place: number): readonly [string, StageExample] {
  return [example.title ?? `${place + 1}: ${JSON.stringify(example.with ?? {})}`, example];
}
