import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Dataset, executeStage, Random, rootSeed, type StageContext, utf8 } from "@seqloom/core";
import { bagOfWords, normalise, tfIdf, tokenize } from "@seqloom/text";
import { type Comparison, compared, dataFolder, median } from "./support/measure.js";
import { ownPeer } from "./support/torch.js";

export const name = "tf-idf";
export const description =
  "tf-idf of 45,000 tweets, from strings and from tokens; peer: scikit-learn's CountVectorizer and TfidfTransformer";

const TWEETS = "emoji/tweeteval-emoji/train_text.txt";
const RUNS = 5;

/** Seconds on one thread, both sides with the tokens between spaces, in lower case. */
export async function run(): Promise<Comparison[]> {
  const data = dataFolder();
  if (data === null) throw new Error("tf-idf needs the data sets: set SEQLOOM_MIRROR");
  const texts = (await readFile(join(data, TWEETS), "utf8")).trimEnd().split("\n");
  const tokens = await prepare(texts);
  const strings = await time(async () => weigh(await prepare(texts)));
  const counted = await time(() => weigh(tokens));
  const peer = await scikitLearn(join(data, TWEETS));
  const [theirs, note] = typeof peer === "string" ? [null, peer] : [peer, undefined];
  return [
    compared(`${name}: from strings`, "s", strings, theirs?.strings ?? null, note),
    compared(`${name}: from tokens`, "s", counted, theirs?.tokens ?? null, note),
  ];
}

async function prepare(texts: readonly string[]): Promise<Dataset> {
  const lower = await apply(normalise, Dataset.of({ text: utf8(texts) }), { unicode: "keep", spaces: "keep" });
  return apply(tokenize, lower, { kind: "whitespace" });
}

async function weigh(tokens: Dataset): Promise<Dataset> {
  return apply(tfIdf, await apply(bagOfWords, tokens));
}

async function apply(
  stage: typeof normalise | typeof tokenize | typeof bagOfWords | typeof tfIdf,
  data: unknown,
  params: object = {},
): Promise<Dataset> {
  return (await executeStage(stage as never, { data }, stage.params.parse(params), context)).data as Dataset;
}

const context: StageContext = {
  stage: name,
  random: new Random(rootSeed(1)),
  signal: new AbortController().signal,
  files: {},
  device: "cpu",
  scratch: "",
  firstRow: 0,
  validation: Dataset.of([], 0),
  progress: () => {},
  epoch: () => {},
  log: () => {},
};

/** Seconds: the median of some runs, after two that warm up. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < RUNS + 2; i++) {
    const start = performance.now();
    await work();
    if (i >= 2) seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

/** Seconds that scikit-learn takes, or why it did not run. */
async function scikitLearn(file: string): Promise<{ readonly strings: number; readonly tokens: number } | string> {
  try {
    const script = ownPeer("sklearn_tf_idf.py", file, "--runs", String(RUNS));
    const { stdout } = await promisify(execFile)(process.env.SEQLOOM_PYTHON ?? "/usr/bin/python3", [...script]);
    return JSON.parse(stdout) as { strings: number; tokens: number };
  } catch (error) {
    return `Python with scikit-learn did not run: ${(error as Error).message.split("\n")[0]}`;
  }
}
