import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Dataset, executeStage, Random, rootSeed, type StageContext, utf8 } from "@seqloom/core";
import { normalise, stem, stopWords, tokenize } from "@seqloom/text";
import { type Comparison, compared, dataFolder, median, peersFolder } from "./support/measure.js";

export const name = "text-prep";
export const description =
  "lower case, tokens, stop words and Porter stems of 45,000 tweets, and ten times over; peer: NLTK";

const TWEETS = "emoji/tweeteval-emoji/train_text.txt";

/** Seconds from an array of strings to stems, in this process and on one thread; NLTK does the same work word by word. */
export async function run(): Promise<Comparison[]> {
  const data = dataFolder();
  if (data === null) throw new Error("text-prep needs the data sets: set SEQLOOM_MIRROR");
  const tweets = (await readFile(join(data, TWEETS), "utf8")).trimEnd().split("\n");
  const comparisons: Comparison[] = [];
  for (const repeat of [1, 10]) {
    const texts = Array.from({ length: repeat }, () => tweets).flat();
    const peer = await nltk(join(data, TWEETS), repeat);
    for (const kind of ["treebank", "words"]) {
      const bench = `${name}/${kind}${repeat === 1 ? "" : `-x${repeat}`}`;
      const seconds = await time(() => prepare(texts, kind));
      comparisons.push(
        typeof peer === "number" ? compared(bench, "s", seconds, peer) : compared(bench, "s", seconds, null, peer),
      );
    }
  }
  return comparisons;
}

async function prepare(texts: readonly string[], kind: string): Promise<void> {
  const stages = [
    [normalise, { unicode: "keep", spaces: "keep" }],
    [tokenize, { kind }],
    [stopWords, {}],
    [stem, {}],
  ] as const;
  let data: unknown = Dataset.of({ text: utf8(texts) });
  for (const [stage, params] of stages) {
    ({ data } = await executeStage(stage, { data }, stage.params.parse(params), context));
  }
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

/** Seconds: the median of five runs, after two that warm up. */
async function time(work: () => Promise<void>): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    await work();
    if (i >= 2) seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

/** Seconds that NLTK takes for the file `repeat` times over, or why it did not run. */
async function nltk(file: string, repeat: number): Promise<number | string> {
  const peers = peersFolder();
  if (peers === null) return "the peers are not there: set SEQLOOM_PEERS";
  try {
    const arguments_ = [join(peers, "text_prep.py"), file, "--repeat", String(repeat)];
    const { stdout } = await promisify(execFile)(process.env.SEQLOOM_PYTHON ?? "/usr/bin/python3", arguments_);
    const results = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { peer: string; seconds: number });
    return results.find(({ peer }) => peer === "nltk")?.seconds ?? "the peer printed no result of NLTK";
  } catch (error) {
    return `Python with NLTK did not run: ${(error as Error).message.split("\n")[0]}`;
  }
}
