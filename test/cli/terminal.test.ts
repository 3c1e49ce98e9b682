import type { Pipeline, Reason, RunEvent, StageResult } from "@seqloom/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { frame } from "../../packages/cli/src/terminal/frame.js";
import { liveReporter } from "../../packages/cli/src/terminal/live.js";
import { isLive, paintOf, takesColor } from "../../packages/cli/src/terminal/paint.js";
import { initialState, nextState, type RunState } from "../../packages/cli/src/terminal/state.js";
import { summary } from "../../packages/cli/src/terminal/summary.js";
import { cut, described, fitting, harmless, widthOf, wrap } from "../../packages/cli/src/terminal/width.js";
import { why } from "../../packages/cli/src/terminal/words.js";
import { quickstart } from "../report/fixture.js";
import { node, result } from "../report/parts.js";

const plain = paintOf(false);

describe("the width of text", () => {
  it.each([
    ["abc", 3],
    ["\u001b[31mabc\u001b[39m", 3],
    ["日本", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["🎬", 2],
    ["━─", 2],
  ])("of %j is %d cells", (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it("is never more than asked for after cutting", () => {
    expect(cut("a long name", 6)).toBe("a lon…");
    expect(widthOf(cut("日本語のテキスト", 6))).toBeLessThanOrEqual(6);
    expect(cut("short", 5)).toBe("short");
  });

  it("decides which parts of a line are shown, whole or not at all", () => {
    expect(fitting(["loss 0.4123", "accuracy 0.8130"], 20)).toBe("loss 0.4123");
    expect(fitting(["loss 0.4123", "accuracy 0.8130"], 28)).toBe("loss 0.4123  accuracy 0.8130");
  });

  it("breaks text between words", () => {
    expect(wrap("one two three fourteen", 8)).toEqual(["one two", "three", "fourteen"]);
    expect(described([["--a", "one two"]], 80)).toEqual(["  --a  one two"]);
    expect(described([["--a-long-flag", "one two"]], 30)).toEqual(["  --a-long-flag", "      one two"]);
  });

  it("does not let data move the cursor", () => {
    expect(harmless("a\u001b[2J\u0007\nb\u009b1A")).toBe("a [2J b 1A");
  });
});

describe("what a stream takes", () => {
  const terminal = { isTTY: true };
  it.each([
    [terminal, {}, true],
    [{}, {}, false],
    [terminal, { NO_COLOR: "1" }, false],
    [terminal, { NO_COLOR: "" }, true],
    [{}, { FORCE_COLOR: "1" }, true],
    [terminal, { FORCE_COLOR: "0" }, false],
    [terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    [terminal, { TERM: "dumb" }, false],
  ])("%j with %j takes colours: %j", (stream, env, expected) => {
    expect(takesColor(stream, env)).toBe(expected);
  });

  it.each([
    [terminal, {}, true],
    [terminal, { CI: "true" }, false],
    [terminal, { CI: "false" }, true],
    [terminal, { TERM: "dumb" }, false],
    [{}, {}, false],
  ])("%j with %j can be drawn on: %j", (stream, env, expected) => {
    expect(isLive(stream, env)).toBe(expected);
  });
});

const pipeline: Pipeline = {
  ...quickstart.pipeline,
  nodes: [node("reviews", { use: "data/load" }), node("a-model", { use: "models/train", kind: "estimator" })],
};
const metrics = { loss: 0.4123, accuracy: 0.813, val_loss: 0.43, val_accuracy: 0.801 };
const started: RunEvent = { type: "stage-started", stage: "a-model", reasons: [] };
const batches = (done: number): RunEvent => ({
  type: "stage-progress",
  stage: "a-model",
  progress: { done, total: 1000, unit: "batches" },
});
const epoch = (number: number, ms = 2000): RunEvent => ({
  type: "stage-epoch",
  stage: "a-model",
  epoch: number,
  epochs: 10,
  metrics,
  ms,
});

function after(...events: readonly RunEvent[]): RunState {
  return events.reduce((state, event) => nextState(state, event, 0), initialState(pipeline));
}

describe("a frame of the live view", () => {
  it("shows a training with its bar, the time left and the numbers of the last epoch", () => {
    const lines = frame(after(started, epoch(1, 9000), epoch(2), epoch(3), batches(400)), 100, 8000, 0, plain);
    expect(lines).toEqual([
      "⠋ a-model  ━━━━━━━━────────────   40 %  12 s left  models/train",
      "  epoch 3/10  loss 0.4123  accuracy 0.8130  val_loss 0.4300  val_accuracy 0.8010  2.00 s/epoch",
      "  0/2 stages · 8.00 s",
    ]);
  });

  it.each([120, 80, 50, 36, 20])(
    "is never wider than a terminal of %d columns, nor does it cut a number in two",
    (columns) => {
      const lines = frame(after(started, epoch(1), batches(150)), columns, 8000, 0, plain);
      for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
      expect(lines[1].trim()).toMatch(
        /^epoch 1\/10( {2}(loss|accuracy|val_loss|val_accuracy) 0\.\d{4})*( {2}2\.00 s\/epoch)?$/,
      );
    },
  );

  it("does not take the progress of a validation for that of the training", () => {
    const validation: RunEvent = {
      type: "stage-progress",
      stage: "a-model",
      progress: { done: 9, total: 10, unit: "rows" },
    };
    expect(frame(after(started, epoch(2), validation), 80, 8000, 0, plain)[0]).toContain(" 20 %");
  });

  it("counts where the total is not known, and says nothing of time left", () => {
    const event: RunEvent = { type: "stage-progress", stage: "a-model", progress: { done: 12345, unit: "rows" } };
    expect(frame(after(started, event), 80, 3000, 0, plain)[0]).toBe("⠋ a-model  12,345 rows  3.00 s  models/train");
  });

  it("says how to end at once while it is stopping", () => {
    const lines = frame(after(started, { type: "interrupting", running: ["a-model"] }), 80, 0, 0, plain);
    expect(lines.at(-1)).toContain("Ctrl-C again ends at once");
  });
});

/** A terminal that keeps what a person would see: enough of one for what the live view sends. */
class FakeScreen {
  columns = 60;
  rows = 10;
  written = "";
  lines = [""];
  row = 0;

  write(text: string): void {
    this.written += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    for (const [part] of text.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (part.endsWith("A") && part.startsWith("\u001b[")) this.row -= Number.parseInt(part.slice(2), 10);
      else if (part === "\u001b[J") {
        this.lines = this.lines.slice(0, this.row + 1);
        this.lines[this.row] = "";
      } else if (part === "\n") {
        this.row++;
        this.lines[this.row] ??= "";
      } else if (part !== "\r" && !part.startsWith("\u001b")) this.lines[this.row] += part;
    }
  }
}

function finished(parts: Partial<StageResult>): RunEvent {
  const one = result(parts.name ?? "a-model", "models/train", parts);
  return { type: "stage-finished", stage: one.name, result: one };
}

describe("the live view", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it("keeps a line per stage that is over and draws the rest again below", async () => {
    const screen = new FakeScreen();
    const { listener, close } = liveReporter(pipeline, screen, plain);
    listener(finished({ name: "reviews", status: "hit", reasons: [], computeMs: 410 }));
    listener(started);
    await later(150);
    listener(epoch(1));
    await later(150);
    expect(screen.lines[0]).toBe("✓ reviews  from cache, saved 410 ms  models/train");
    expect(screen.lines[1]).toMatch(/^. a-model {2}━━─+ {3}10 %/);
    expect(screen.lines).toHaveLength(4);
    listener(finished({ ms: 2000, reasons: [{ kind: "param-changed", path: "units", from: 32, to: 64 }] }));
    close();
    expect(screen.lines).toEqual([
      "✓ reviews  from cache, saved 410 ms  models/train",
      "● a-model  ran 2.00 s  models/train",
      "  because with.units 32 → 64",
      "",
    ]);
  });

  it("draws at most twelve times a second, however much happens", async () => {
    const screen = new FakeScreen();
    let writes = 0;
    const write = (text: string): void => {
      writes++;
      screen.write(text);
    };
    const counted = { columns: 60, rows: 10, write };
    const { listener, close } = liveReporter(pipeline, counted, plain);
    listener(started);
    for (let done = 0; done < 50; done++) {
      listener(batches(done));
      await later(10);
    }
    close();
    expect(writes).toBeLessThanOrEqual(8);
  });

  it("hides the cursor only while it draws, and gives it back", async () => {
    const screen = new FakeScreen();
    const { listener, close } = liveReporter(pipeline, screen, plain);
    listener(started);
    await later(150);
    expect(screen.written.endsWith("\u001b[?25l")).toBe(true);
    close();
    close();
    expect(screen.written.split("\u001b[?25h")).toHaveLength(2);
  });

  it("never draws more lines than the terminal has", async () => {
    const screen = new FakeScreen();
    screen.rows = 3;
    const { listener, close } = liveReporter(pipeline, screen, plain);
    for (let at = 0; at < 9; at++) listener({ type: "stage-started", stage: `s${at}`, reasons: [] });
    await later(150);
    expect(screen.lines.length).toBeLessThanOrEqual(2);
    close();
  });
});

describe("reasons", () => {
  const changed = (path: string): Reason => ({ kind: "param-changed", path, from: 1, to: 2 });

  it("are all told where they are few, and counted where they are many", () => {
    expect(why([changed("a"), changed("b"), changed("c")])).toBe("with.a 1 → 2, with.b 1 → 2, with.c 1 → 2");
    expect(why(["a", "b", "c", "d", "e", "f", "g"].map(changed))).toBe(
      "with.a 1 → 2, with.b 1 → 2 and 5 more (the report shows all)",
    );
  });
});

describe("the summary", () => {
  it("gives an accuracy of 1 the decimals of any other", () => {
    const stages = quickstart.stages.map((stage) =>
      stage.name.endsWith("-score") ? { ...stage, metrics: { accuracy: 1, rows: 500 } } : stage,
    );
    expect(summary({ ...quickstart, stages }, 100, plain)).toMatch(/bag-score +1\.0000 +500\n/);
  });

  it("puts evaluations side by side where they fit, and one measure per line where not", () => {
    const wide = summary(quickstart, 100, plain).split("\n");
    expect(wide.slice(0, 2)).toEqual(["Stages  6 from cache · 4 ran, 10 in all", "  Time  21.8 s · saved 889 ms"]);
    expect(wide[3]).toMatch(/^ +accuracy +loss +macro F1 +precision +recall +rows$/);
    expect(wide[5]).toMatch(/^sequence-score +0\.9860/);
    const narrow = summary(quickstart, 50, plain).split("\n");
    expect(narrow[3]).toMatch(/^ +bag-score {2}sequence-score$/);
    expect(narrow[4]).toMatch(/^accuracy +0\.5600 +0\.9860$/);
    for (const line of narrow) expect(widthOf(line)).toBeLessThan(50);
  });
});
