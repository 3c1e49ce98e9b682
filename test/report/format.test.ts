import {
  bytes,
  distinctly,
  duration,
  fractional,
  grouped,
  measure,
  measured,
  moment,
  percent,
  title,
} from "@seqloom/report/format";
import { describe, expect, it } from "vitest";

describe("numbers in reports", () => {
  it.each([
    [0, "0"],
    [0.8, "0.8000"],
    [0.00012, "1.20e-4"],
    [-0.5, "−0.5000"],
    [162722, "162,722"],
    [123.456, "123.46"],
    [45678.9, "45,678.9"],
    [Number.NaN, "not a number"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("shows %d as %s", (value, text) => {
    expect(measured(value)).toBe(text);
  });

  it("writes whole numbers with decimals among numbers that have some", () => {
    expect(fractional([1, 0.5])).toBe(true);
    expect(fractional([1, 300, null, "0.5"])).toBe(false);
    expect([1, 0, 1821].map((value) => measured(value, true))).toEqual(["1.0000", "0.0000", "1,821"]);
  });

  it("knows shares by their names: they have decimals even where they are whole", () => {
    const values = [
      ["accuracy", 1],
      ["val_accuracy", 0],
      ["F1 macro", 1],
      ["loss", 0],
      ["rows", 60],
      ["epochs", 6],
    ] as const;
    expect(values.map(([name, value]) => measure(name, value))).toEqual([
      "1.0000",
      "0.0000",
      "1.0000",
      "0.0000",
      "60",
      "6",
    ]);
  });

  it("gives a curve as many decimals as tell its values apart, and no more than a 32-bit float has", () => {
    expect(distinctly("loss", [0.7, 0.5])).toEqual(["0.7000", "0.5000"]);
    expect(distinctly("loss", [0.693149, 0.693145, 0.693145])).toEqual(["0.693149", "0.693145", "0.693145"]);
    expect(distinctly("loss", [0.5, 0.5 + 1e-12])).toEqual(["0.50000000", "0.50000000"]);
    expect(distinctly("loss", [0.5, Number.NaN])).toEqual(["0.5000", "not a number"]);
    expect(distinctly("epoch", [1, 2])).toEqual(["1", "2"]);
  });

  it("puts commas between thousands, and leaves decimals alone", () => {
    expect([999, 1000, 1234567, 1234.5678].map(grouped)).toEqual(["999", "1,000", "1,234,567", "1,234.5678"]);
  });

  it.each([
    [0.2, "<1 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [9_994, "9.99 s"],
    [59_949, "59.9 s"],
    [59_951, "1 min 00 s"],
    [125_000, "2 min 05 s"],
    [3_599_400, "59 min 59 s"],
    [3_600_000, "1 h 00 min"],
    [Number.NaN, "–"],
  ])("shows %d milliseconds as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("shows bytes, shares, moments and names as people write them", () => {
    expect([512, 999_600, 3_400_000].map(bytes)).toEqual(["512 B", "1.0 MB", "3.4 MB"]);
    expect(percent(0.8034)).toBe("80.3 %");
    expect(moment("2026-03-01T14:05:09.120Z")).toBe("2026-03-01 14:05:09 UTC");
    expect(["val_loss", "macro_f1"].map(title)).toEqual(["val loss", "macro F1"]);
  });
});
