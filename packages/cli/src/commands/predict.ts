import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { openPredictor } from "@seqloom/core/engine";
import { type Arguments, type Command, EXIT, flagValue, UsageError } from "../command.js";
import { listenForInterrupt } from "../interrupt.js";
import { withRunHint } from "../not-trained.js";
import { DEVICE_FLAG, deviceOf, openPipeline, POINT_FLAG, SETTING_FLAGS, THREADS_FLAG, threadsOf } from "../open.js";
import { type Predicted, predictedOf } from "../predicted.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";

/** Rows that go through the pipeline at a time: enough to be fast, few enough that output flows. */
const BATCH = 256;

/** Sends texts through the trained pipeline. */
export const predict: Command = {
  name: "predict",
  summary: "Predict with the trained pipeline: its stages, with what they learned",
  positionals: [{ name: "FILE", description: "the pipeline file" }],
  flags: {
    text: {
      type: "string",
      value: "TEXT",
      multiple: true,
      takesEmpty: true,
      description: "An input; give it several times for several",
    },
    file: {
      type: "string",
      value: "FILE",
      multiple: true,
      description:
        "A file with an input per line (without either: standard input); for a pipeline that reads files, such as sounds, " +
        "a file that is the input, several times for several",
    },
    ...SETTING_FLAGS,
    point: POINT_FLAG,
    device: DEVICE_FLAG,
    threads: THREADS_FLAG,
    json: { type: "boolean", description: "Print one JSON object per input, a line each" },
  },
  examples: [
    ['seqloom predict pipelines/movie-reviews.yaml --text "a great cast and a wonderful film"', "One input"],
    ["seqloom predict pipelines/movie-reviews.yaml --file reviews.txt --json", "An input per line, JSON lines out"],
    ["seqloom predict pipelines/spoken-digits.yaml --file seven.wav", "A file, for a pipeline of sounds"],
    ["cat reviews.txt | seqloom predict pipelines/movie-reviews.yaml", "From standard input"],
  ],

  async run(args, { out, err }) {
    const device = await deviceOf(args);
    const threads = threadsOf(args);
    if (threads !== undefined) process.env.SEQLOOM_THREADS = String(threads);
    if ((args.values.text ?? []).length > 0 && (args.values.file ?? []).length > 0) {
      throw new UsageError("--text and --file are both given", "Give one of them.");
    }
    const { pipeline, store } = await openPipeline(args);
    const reads = pipeline.predict?.input === "files";
    const inputs = reads ? filesOf(args) : inputsOf(args);
    const interrupt = listenForInterrupt();
    try {
      const predictor = await openPredictor(pipeline, store, { device, signal: interrupt.signal });
      const { Dataset, utf8 } = await import("@seqloom/core");
      const paint = paintOf(takesColor(out));
      for await (const batch of batches(inputs)) {
        interrupt.signal.throwIfAborted();
        const given = reads ? await predictor.read(batch, interrupt.signal) : Dataset.of({ text: utf8(batch) });
        const { rows } = await predictor.predict(given, interrupt.signal);
        const show = args.has.has("json") ? JSON.stringify : (one: Predicted) => predictionText(one, paint);
        out.write(
          predictedOf(batch, rows, pipeline)
            .map((one) => `${show(one)}\n`)
            .join(""),
        );
      }
      return EXIT.ok;
    } catch (error) {
      if (!interrupt.signal.aborted) throw withRunHint(error, args);
      err.write(interrupt.code === EXIT.terminated ? "Terminated.\n" : "Interrupted.\n");
      return interrupt.code;
    } finally {
      interrupt.release();
    }
  },
};

/** The inputs of a pipeline whose source reads files. */
function filesOf(args: Arguments): readonly string[] {
  if ((args.values.text ?? []).length > 0) {
    throw new UsageError("this pipeline takes files, not text", "Give --file FILE.");
  }
  const files = args.values.file ?? [];
  if (files.length === 0) throw new UsageError("there is nothing to predict", "Give --file FILE.");
  return files;
}

function inputsOf(args: Arguments): AsyncIterable<string> | Iterable<string> {
  const texts = args.values.text ?? [];
  const file = flagValue(args, "file");
  if ((args.values.file ?? []).length > 1) throw new UsageError("--file is given twice", "Give one file of lines.");
  if (texts.length > 0) return texts;
  if (file !== undefined) return linesOf(() => createReadStream(file), file);
  if (process.stdin.isTTY) {
    throw new UsageError("there is nothing to predict", "Give --text TEXT, --file LINES, or lines on standard input.");
  }
  return linesOf(() => process.stdin, "standard input");
}

/** Lines of UTF-8, without their ends. The empty last line of a file is none. */
async function* linesOf(open: () => Readable, name: string): AsyncGenerator<string> {
  // Opened only now, when somebody is there to hear that it failed.
  const stream = open();
  const failed = new Promise<never>((_, reject) => stream.once("error", reject));
  failed.catch(() => {});
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await Promise.race([lines.next(), failed]);
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    const { fail } = await import("@seqloom/core");
    throw fail("input-file", `cannot read ${name}: ${(error as Error).message}`, {
      hint: "Give a text file with one input per line.",
    });
  }
}

async function* batches(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function predictionText(
  { input, label, probabilities, numbers, tags, said, labels, detections }: Predicted,
  paint: Paint,
): string {
  if (tags !== undefined) {
    return tags
      .map(({ token, tag }) => `${token === null ? "" : `${token}/`}${paint.bold(paint.green(tag))}`)
      .join(" ");
  }
  const shown = input.length > 60 ? `${input.slice(0, 59)}…` : input;
  if (said !== undefined) {
    const isLetters = said.every((token) => [...token].length === 1);
    return `${paint.bold(paint.green(said.join(isLetters ? "" : " ")))}  ${paint.dim(shown)}`;
  }
  if (detections !== undefined) {
    const heard = detections.map(({ seconds, score }) => `${seconds.toFixed(2)} s (${(score * 100).toFixed(0)} %)`);
    return `${paint.bold(paint.green(heard.join(", ") || "–"))}  ${paint.dim(shown)}`;
  }
  if (labels !== undefined) return `${paint.bold(paint.green(labels.join(", ") || "–"))}  ${paint.dim(shown)}`;
  if (numbers !== undefined) return `${paint.bold(paint.green(numbers.join(" ")))}  ${paint.dim(shown)}`;
  const best = label === null ? undefined : probabilities[label];
  const others = Object.entries(probabilities)
    .filter(([name]) => name !== label)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, value]) => `${name} ${(value * 100).toFixed(1)} %`);
  const share = best === undefined ? "" : ` ${(best * 100).toFixed(1)} %`;
  const rest = others.length === 0 ? "" : paint.dim(`  (${others.join(", ")})`);
  return `${paint.bold(paint.green(label ?? "–"))}${share}${rest}  ${paint.dim(shown)}`;
}
