/**
 * @file Data that grows: a CSV file from 10 MB up goes through load-csv, normalise, tokenize, stop words and stem by the
 * command line; then 1 % of its rows are put in, and it goes again. Sizes in MB: `SEQLOOM_SIZES=10,100,1000`.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { measuredRun } from "./support/child.js";
import { type Comparison, compared } from "./support/measure.js";

export const name = "streams";
export const description =
  "time and memory of a CSV file of growing size, and of a rerun after 1 % of its rows came new";

const YAML = `seqloom: 1
stages:
  rows: { use: data/load-csv, with: { files: rows.csv, columns: { text: text, label: label } } }
  plain: { use: text/normalise, in: rows }
  tokens: { use: text/tokenize, in: plain, with: { punctuation: drop } }
  content: { use: text/stop-words, in: tokens }
  stems: { use: text/stem, in: content }
`;

/** Memory that a first run may take, MB. */
const MEMORY = 512;
/** Share of the first run's time that a rerun after an edit may take. */
const RERUN = 0.05;

export async function run(): Promise<Comparison[]> {
  const sizes = (process.env.SEQLOOM_SIZES ?? "10,50").split(",").map(Number);
  const results: Comparison[] = [];
  for (const size of sizes) results.push(...(await ofSize(size)));
  return results;
}

async function ofSize(megabytes: number): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-bench-"));
  try {
    const file = join(folder, "rows.csv");
    writeFileSync(join(folder, "pipeline.yaml"), YAML);
    await pipeline(csv(megabytes * 1e6, 1), createWriteStream(file));
    const first = await measuredRun(folder);
    await insert(folder, megabytes * 1e4);
    const again = await measuredRun(folder);
    const label = `streams ${megabytes} MB`;
    const speed = `${(megabytes / first.seconds).toFixed(1)} MB/s`;
    return [
      compared(`${label}, first run`, "s", first.seconds, null, speed),
      compared(`${label}, peak memory of the first run beside ${MEMORY} MB`, "MB", first.peak / 1e6, MEMORY),
      compared(
        `${label}, 1 % of the rows put in, beside ${RERUN * 100} % of the first run`,
        "s",
        again.seconds,
        first.seconds * RERUN,
        `${((100 * again.seconds) / first.seconds).toFixed(1)} % of the first run`,
      ),
      compared(`${label}, peak memory of that run beside ${MEMORY} MB`, "MB", again.peak / 1e6, MEMORY),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts about so many bytes of new rows into the middle of the file. */
async function insert(folder: string, bytes: number): Promise<void> {
  const file = join(folder, "rows.csv");
  const size = statSync(file).size;
  const middle = await lineEndAfter(file, Math.floor(size / 2));
  const edited = join(folder, "edited.csv");
  const parts = async function* (): AsyncGenerator<Buffer | string> {
    yield* createReadStream(file, { end: middle - 1 });
    yield* rows(bytes, 99);
    yield* createReadStream(file, { start: middle });
  };
  await pipeline(parts, createWriteStream(edited));
  rmSync(file);
  await pipeline(createReadStream(edited), createWriteStream(file));
  rmSync(edited);
}

async function lineEndAfter(file: string, from: number): Promise<number> {
  const [block] = (await createReadStream(file, { start: from, end: from + 4096 }).toArray()) as Buffer[];
  return from + block.indexOf(10) + 1;
}

function* csv(bytes: number, seed: number): Generator<string> {
  yield "id,text,label\n";
  yield* rows(bytes, seed);
}

/** Rows of 5 to 24 words, the first words of the vocabulary more often than the last; some with commas and quotes. */
function* rows(bytes: number, seed: number): Generator<string> {
  const random = xorshift(seed);
  const words = vocabulary();
  let written = 0;
  let block = "";
  for (let id = 0; written < bytes; id++) {
    let text = "";
    for (let left = 5 + Math.floor(random() * 20); left > 0; left--) {
      text += `${words[Math.floor(words.length ** random()) - 1]}${left > 1 ? " " : "."}`;
    }
    const kind = id % 10;
    const cell = kind === 0 ? `"${text.replace(" ", ", ")}"` : kind === 1 ? `"He said ""${text}"""` : text;
    const row = `${seed}-${id},${cell},${random() < 0.5 ? "pos" : "neg"}\n`;
    block += row;
    written += row.length;
    if (block.length < 1 << 20) continue;
    yield block;
    block = "";
  }
  yield block;
}

/** Made-up words, with function words of English in front. */
function vocabulary(): string[] {
  const random = xorshift(7);
  const syllables = ["ka", "ro", "ti", "men", "sol", "ing", "ed", "ple", "var", "un", "con", "tion", "ly", "est", "mi"];
  const common = ["the", "of", "and", "a", "to", "in", "is", "was", "it", "for", "with", "as", "that", "on", "not"];
  const made = Array.from({ length: 60_000 }, () => {
    const count = 1 + Math.floor(random() * 4);
    return Array.from({ length: count }, () => syllables[Math.floor(random() * syllables.length)]).join("");
  });
  return [...common, ...made];
}

/** Marsaglia's xorshift32: the same data every time. */
function xorshift(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
