import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { folderWith, seqloom, TRAINING } from "./support.js";

interface Json {
  readonly stages: readonly {
    readonly name: string;
    readonly status: string;
    readonly profile?: readonly {
      readonly name: string;
      readonly calls: number;
      readonly ms: number;
      readonly part?: string;
    }[];
    readonly outputs: Readonly<Record<string, string>>;
  }[];
  readonly report: string;
}

it("run --profile shows where the time of training and prediction went, changes no result, and has nothing to say of a hit", () => {
  const [cwd, other] = [folderWith({ "pipeline.yaml": TRAINING }), folderWith({ "pipeline.yaml": TRAINING })];
  const profiled = seqloom(["run", "pipeline.yaml", "--profile", "--json", "--quiet"], { cwd });
  expect(profiled.err).toMatch(/Profile {2}model models\/train {2}training/);
  expect(profiled.err).toMatch(/Profile {2}model models\/train {2}prediction/);
  expect(profiled.err).toMatch(/SeqloomLstmGrad +\d+ +[\d.]+ +[\d.]+ %/);
  expect(profiled.err).toMatch(/between kernels +[\d.]+ +[\d.]+ %/);
  const run = JSON.parse(profiled.out) as Json;
  const told = run.stages.filter(({ profile }) => profile !== undefined);
  expect(told.map(({ name }) => name)).toEqual(["model"]);
  const calls = (kernel: string) =>
    told[0].profile?.filter(({ name }) => name === kernel).map(({ part, calls }) => [part, calls > 0]);
  expect(calls("SeqloomLstm")).toEqual([
    ["training", true],
    ["prediction", true],
  ]);
  expect(calls("SeqloomLstmGrad")).toEqual([["training", true]]);
  expect(readFileSync(run.report, "utf8")).toMatch(
    /<h2>Profile<\/h2>[\s\S]*<\/a> training<\/h3>[\s\S]*<\/a> prediction<\/h3>/,
  );

  const plain = JSON.parse(seqloom(["run", "pipeline.yaml", "--json", "--quiet"], { cwd: other }).out) as Json;
  expect(plain.stages.map(({ outputs }) => outputs)).toEqual(run.stages.map(({ outputs }) => outputs));
  expect(plain.stages.some((stage) => "profile" in stage)).toBe(false);

  const again = seqloom(["run", "pipeline.yaml", "--profile", "--json", "--quiet"], { cwd: other });
  expect(again.err.trim()).toBe("Profile  model came from the cache: nothing to profile (--force=model runs it again)");
  const hits = JSON.parse(again.out) as Json;
  expect(hits.stages.map(({ status }) => status)).toEqual(plain.stages.map(() => "hit"));
  expect(hits.stages.some((stage) => "profile" in stage)).toBe(false);
});

it("run --profile says so when nothing could tell", () => {
  const cwd = folderWith({
    "pipeline.yaml": "seqloom: 1\nname: x\nstages:\n  reviews: { use: data/generate-reviews, with: { rows: 10 } }\n",
  });
  const { err } = seqloom(["run", "pipeline.yaml", "--profile", "--quiet", "--no-report"], { cwd });
  expect(err).toContain("no stage told where its time went: only stages with models do");
});

it("run --profile covers a stage that only predicts", () => {
  const applied = TRAINING.replace(
    "  scores:",
    "  again: { use: models/predict, in: { model: model.state, data: padded } }\n  scores:",
  );
  const cwd = folderWith({ "pipeline.yaml": applied });
  const { err } = seqloom(["run", "pipeline.yaml", "--profile", "--quiet", "--no-report"], { cwd });
  expect(err).toMatch(/Profile {2}again models\/predict {2}prediction/);
  expect(err).not.toMatch(/Profile {2}again models\/predict {2}training/);
});
