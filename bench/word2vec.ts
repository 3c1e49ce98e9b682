import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Dataset, executeStage, Random, rootSeed, type StageContext, tokens } from "@seqloom/core";
import { word2vec } from "@seqloom/text";
import { type Comparison, compared, dataFolder, median } from "./support/measure.js";
import { ownPeer } from "./support/torch.js";

export const name = "word2vec";
export const description =
  "Skip-gram vectors of a million words of speeches, reviews and tweets, on two threads; peer: gensim with two workers";

const EPOCHS = 5;
const SEEDS = [1, 2, 3];

/** Seconds from tokens to vectors, both sides with 100 numbers, window 5, 5 negatives, 5 epochs. */
export async function run(): Promise<Comparison[]> {
  const data = dataFolder();
  if (data === null) throw new Error("word2vec needs the data sets: set SEQLOOM_MIRROR");
  process.env.SEQLOOM_THREADS = "2";
  const rows = await corpus(data);
  const folder = await mkdtemp(join(tmpdir(), "seqloom-bench-"));
  try {
    const file = join(folder, "corpus.txt");
    await writeFile(file, rows.map((row) => `${row.join(" ")}\n`).join(""));
    const set = Dataset.of({ tokens: tokens(rows) });
    const own: number[] = [];
    const peers: number[] = [];
    for (const seed of SEEDS) {
      const start = performance.now();
      await executeStage(word2vec, { data: set }, word2vec.params.parse({ epochs: EPOCHS }), contextOf(seed));
      own.push((performance.now() - start) / 1000);
      const script = ownPeer("gensim_word2vec.py", file, "--seed", String(seed));
      const { stdout } = await promisify(execFile)(process.env.SEQLOOM_PYTHON ?? "/usr/bin/python3", [...script]);
      peers.push((JSON.parse(stdout) as { seconds: number }).seconds);
    }
    const words = rows.reduce((sum, row) => sum + row.length, 0) * EPOCHS;
    const note = `${(words / median(own) / 1e6).toFixed(2)} and ${(words / median(peers) / 1e6).toFixed(2)} million words a second`;
    return [compared(name, "s", median(own), median(peers), note)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sentences in lower case, words between spaces. */
async function corpus(data: string): Promise<string[][]> {
  const speeches = join(data, "speeches/state-union");
  const reviews = ["train/pos", "train/neg", "test/pos", "test/neg"].map((part) =>
    join(data, "sentiment-movies/imdb-aclimdb-subset", part),
  );
  const texts = [await readFile(join(data, "emoji/tweeteval-emoji/train_text.txt"), "utf8")];
  for (const folder of [speeches, ...reviews]) {
    for (const file of (await readdir(folder)).sort()) {
      if (file.endsWith(".txt")) texts.push(await readFile(join(folder, file), "latin1"));
    }
  }
  return texts
    .flatMap((text) => text.toLowerCase().split(/\n|(?<=[.!?])\s+/))
    .map((sentence) => sentence.match(/[a-z']+/g) ?? [])
    .filter((words) => words.length > 1);
}

function contextOf(seed: number): StageContext {
  return {
    stage: name,
    random: new Random(rootSeed(seed)),
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
}
