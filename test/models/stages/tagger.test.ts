import {
  Dataset,
  executeStage,
  ids,
  labels,
  type Metrics,
  type Model,
  Random,
  rootSeed,
  type SeriesColumn,
  series,
  type TagsColumn,
  tags,
  tokens,
} from "@seqloom/core";
import { areEntityTags, evaluateTagger, predict, releaseModels, spansOf, trainTagger } from "@seqloom/models";
import { pad } from "@seqloom/text";
import { afterEach, describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf, modelDigest } from "../helpers.js";

afterEach(releaseModels);

/** Rows of ids from 1 to 6; a step is "after" when the id before it was 1 and the one after it is 2, "odd" or "even" else. */
function rowsOf(rows: number, seed = 3): { lists: number[][]; names: string[][] } {
  const random = new Random(rootSeed(seed));
  const lists = Array.from({ length: rows }, () =>
    Array.from({ length: 1 + random.integer(7) }, () => 1 + random.integer(6)),
  );
  const names = lists.map((list) =>
    list.map((id, i) => (list[i - 1] === 1 && list[i + 1] === 2 ? "after" : id % 2 === 1 ? "odd" : "even")),
  );
  return { lists, names };
}

function tagged(rows: number, seed = 3): Dataset {
  const { lists, names } = rowsOf(rows, seed);
  return Dataset.of({ ids: ids(lists, 7), tags: tags(names) });
}

/** The same rows after text/pad. */
async function padded(data: Dataset, params: object): Promise<Dataset> {
  return (await pad.apply(data as never, pad.params.parse(params), contextOf())) as Dataset;
}

const LAYERS = [
  { embedding: { units: 8 } },
  { bidirectional: { layer: { lstm: { units: 12, return_sequences: true } } } },
  { dense: { units: 3, activation: "softmax" } },
];
const TRAINING = { layers: LAYERS, epochs: 10, batch_size: 16, optimizer: { adam: { learning_rate: 0.03 } } };

async function runTagger(data: Dataset, params: object, context = contextOf()) {
  const outputs = await executeStage(trainTagger as never, { data }, trainTagger.params.parse(params), context);
  return outputs as unknown as { data: Dataset; state: Model; report: Metrics };
}

async function scoresOf(data: Dataset, params: object = {}): Promise<Metrics> {
  const parsed = evaluateTagger.params.parse({ split: "all", ...params });
  return (await executeStage(evaluateTagger as never, { data }, parsed, contextOf())).metrics as Metrics;
}

const namesOf = ({ dictionary, indices, offsets }: TagsColumn): (string | null)[][] =>
  Array.from({ length: offsets.length - 1 }, (_, row) =>
    Array.from(indices.subarray(offsets[row], offsets[row + 1]), (index) => dictionary[index] ?? null),
  );

describe("models/train-tagger", () => {
  it("learns a class for each token of rows of any length, and tags new rows", async () => {
    const { state, report } = await runTagger(tagged(300), TRAINING);
    const { loss, accuracy } = report.curves as Record<string, number[]>;
    expect(loss.at(-1)).toBeLessThan(loss[0] / 4);
    expect(accuracy.at(-1)).toBeGreaterThan(0.95);
    const { lists, names } = rowsOf(80, 8);
    const fresh = Dataset.of({ ids: ids(lists, 7) });
    const outputs = await executeStage(predict as never, { model: state, data: fresh }, { task: "tags" }, contextOf());
    const said = (outputs.data as Dataset).columns.get("predicted_tags") as TagsColumn;
    expect(namesOf(said).map((row) => row.length)).toEqual(lists.map((list) => list.length));
    const { values, offsets, width } = (outputs.data as Dataset).columns.get("tag_probabilities") as SeriesColumn;
    expect([...offsets]).toEqual([...said.offsets]);
    for (const [step, tag] of said.indices.entries()) {
      const probabilities = values.subarray(step * width, (step + 1) * width);
      expect(probabilities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
      expect(probabilities[tag]).toBe(Math.max(...probabilities));
    }
    const scores = await scoresOf(Dataset.of({ tags: tags(names), predicted_tags: said }));
    expect(scores.values.accuracy).toBeGreaterThan(0.93);

    const [task] = await diagnosticsOf(
      executeStage(predict as never, { model: state, data: fresh }, { task: "classes" }, contextOf()),
    );
    expect(task).toMatchObject({ code: "model-task", hint: "Set `task: tags`." });
  });

  it("says the same of a row whatever rows are beside it", async () => {
    const { state } = await runTagger(tagged(60), { ...TRAINING, epochs: 1 });
    const data = tagged(12, 4);
    const apply = async (rows: Dataset): Promise<(string | null)[][]> => {
      const applied = await trainTagger.apply(rows as never, state, trainTagger.params.parse(TRAINING), contextOf());
      return namesOf((applied as Dataset).columns.get("predicted_tags") as TagsColumn);
    };
    const all = await apply(data);
    for (let row = 0; row < 12; row++) expect(await apply(data.slice(row, row + 1))).toEqual([all[row]]);
  });

  it.each([
    ["pre", true],
    ["post", true],
    ["post", false],
  ])("reads padded rows, filled at the %s, masked %s, and gives fillers no tag", async (side, use_mask) => {
    const data = await padded(tagged(200), { length: 6, side, truncate: side });
    const { data: applied, report } = await runTagger(data, { ...TRAINING, use_mask });
    expect((report.curves as Record<string, number[]>).accuracy.at(-1)).toBeGreaterThan(0.9);
    const [wanted, said] = ["tags", "predicted_tags"].map((name) => namesOf(applied.columns.get(name) as TagsColumn));
    expect(said.map((row) => row.map((tag) => tag === null))).toEqual(
      wanted.map((row) => row.map((tag) => tag === null)),
    );
    expect((await scoresOf(applied)).values.accuracy).toBeGreaterThan(0.9);
    const { values, width } = applied.columns.get("tag_probabilities") as SeriesColumn;
    for (const [step, tag] of said.flat().entries()) {
      const sum = values.subarray(step * width, (step + 1) * width).reduce((all, one) => all + one, 0);
      expect(sum).toBeCloseTo(tag === null ? 0 : 1, 5);
    }
  });

  it("tags the steps of series, and weighs rows and classes", async () => {
    const random = new Random(rootSeed(2));
    const lists = Array.from({ length: 60 }, () =>
      Array.from({ length: 3 + random.integer(3) }, () => [random.normal()]),
    );
    const names = lists.map((list) => list.map(([value]) => (value > 0 ? "up" : "down")));
    const weight = Float64Array.from(lists, (_, row) => row % 2);
    const data = Dataset.of({
      series: series(lists, 1),
      tags: tags(names),
      weight: { type: "number", values: weight },
    });
    const layers = [{ dense: { units: 4, activation: "tanh" } }, { dense: { units: 2, activation: "softmax" } }];
    const params = { ...TRAINING, layers, sample_weights: true, class_weights: "balanced" };
    const { data: applied } = await runTagger(data, params);
    expect((await scoresOf(applied)).values.accuracy).toBeGreaterThan(0.95);

    const still = { layers, optimizer: { sgd: { learning_rate: 1e-30 } }, batch_size: 100 };
    const lossOf = async (rows: Dataset, more: object): Promise<number> =>
      ((await runTagger(rows, { ...still, ...more })).report.curves as Record<string, number[]>).loss[0];
    const odd = data.select(Int32Array.from({ length: 30 }, (_, i) => 2 * i + 1));
    const [all, part] = [await lossOf(data, { sample_weights: true }), await lossOf(odd, {})];
    const steps = (rows: Dataset): number => (rows.columns.get("tags") as TagsColumn).offsets[rows.rows];
    expect(all * steps(data)).toBeCloseTo(part * steps(odd), 3);
  });

  it("is the same model each time", async () => {
    const params = { ...TRAINING, epochs: 1 };
    const [first, second] = [await runTagger(tagged(40), params), await runTagger(tagged(40), params)];
    expect(await modelDigest(second.state)).toBe(await modelDigest(first.state));
  });

  it("names what does not fit", async () => {
    const { lists, names } = rowsOf(6);
    const codeOf = async (data: Dataset, layers: object[] = LAYERS, context = contextOf()) => {
      const parsed = trainTagger.params.parse({ layers });
      return (await diagnosticsOf(executeStage(trainTagger as never, { data }, parsed, context)))[0];
    };
    const longer = names.map((row, i) => (i === 2 ? [...row, "odd"] : row));
    const length = await codeOf(Dataset.of({ ids: ids(lists, 7), tags: tags(longer) }));
    expect(length.code).toBe("tags-length");
    expect(length.message).toBe(`train row 3 has ${lists[2].length + 1} tags for ${lists[2].length} steps`);
    const none = names.map((row, i) => (i === 1 ? row.map(() => null) : row));
    expect(await codeOf(Dataset.of({ ids: ids(lists, 7), tags: tags(none) }))).toMatchObject({
      code: "tags-missing",
      message: "train row 2 has no tag",
    });
    const last = LAYERS[2];
    const flat = [LAYERS[0], { lstm: { units: 4 } }, last];
    expect((await codeOf(tagged(6), flat)).code).toBe("layer-shape");
    const shorter = [LAYERS[0], { conv_1d: { filters: 4, kernel_size: 2 } }, last];
    expect((await codeOf(tagged(6), shorter)).hint).toContain("padding: same");
    const wide = [LAYERS[0], { dense: { units: 9, activation: "softmax" } }];
    expect(await codeOf(tagged(40), wide)).toMatchObject({ code: "classes-units", hint: "Set units: 3." });
    const many = rowsOf(40);
    const split = labels(many.names.map((_, row) => (row === 5 ? "validation" : "train")));
    const strange = many.names.map((row, i) => (i === 5 ? row.map(() => "strange") : row));
    expect(await codeOf(Dataset.of({ ids: ids(many.lists, 7), tags: tags(strange), split }))).toMatchObject({
      code: "label-unseen",
    });
  });
});

describe("models/evaluate-tagger", () => {
  it("counts tokens and rows, and entities where the tags name them", async () => {
    const wanted = [
      ["B-PER", "I-PER", "O", "B-LOC"],
      ["O", "O"],
      ["B-LOC", null],
    ];
    const said = [
      ["B-PER", "I-PER", "O", "O"],
      ["O", "B-PER"],
      ["B-LOC", "B-PER"],
    ];
    const data = Dataset.of({
      tags: tags(wanted),
      predicted_tags: tags(said),
      tokens: tokens([
        ["Ann", "Lee", "in", "Oslo"],
        ["a", "b"],
        ["Rome", "x"],
      ]),
    });
    const { values, tables } = await scoresOf(data);
    expect(values).toMatchObject({ accuracy: 5 / 7, row_accuracy: 1 / 3, tokens: 7, rows: 3, entities: 3 });
    expect(values.entity_precision).toBeCloseTo(2 / 3);
    expect(values.entity_recall).toBeCloseTo(2 / 3);
    expect(values.entity_f1).toBeCloseTo(2 / 3);
    expect(tables?.per_entity.rows).toEqual([
      ["LOC", 1, 0.5, 2 / 3, 2],
      ["PER", 0.5, 1, 2 / 3, 1],
    ]);
    expect(tables?.mistakes.rows).toEqual([
      [1, 1, "Oslo B-LOC → O"],
      [2, 1, "b O → B-PER"],
    ]);
    expect(Object.keys((await scoresOf(data, { entities: "none" })).values)).not.toContain("entity_f1");
  });

  it("reads entities as the script of CoNLL does", () => {
    expect(spansOf(["I-PER", "I-PER", "B-PER", "I-LOC", "O", null, "B-LOC"])).toEqual([
      { type: "PER", start: 0, end: 2 },
      { type: "PER", start: 2, end: 3 },
      { type: "LOC", start: 3, end: 4 },
      { type: "LOC", start: 6, end: 7 },
    ]);
    expect(spansOf([])).toEqual([]);
    expect(areEntityTags(["O", "B-X", "I-X"])).toBe(true);
    expect(areEntityTags(["O"])).toBe(false);
    expect(areEntityTags(["NOUN", "O"])).toBe(false);
  });

  it("refuses tags of other tokens", async () => {
    const [problem] = await diagnosticsOf(
      scoresOf(Dataset.of({ tags: tags([["a"]]), predicted_tags: tags([["a", "b"]]) })),
    );
    expect(problem.code).toBe("tags-length");
  });
});
