import { renderDiagnostics } from "@seqloom/core";
import { describe, expect, it } from "vitest";

const files: Record<string, string> = {
  "/p/a.yaml": 'seqloom: 1\nstages:\n  tokens: { use: text/tokenise }\n  "x": y\n',
  "/p/tab.yaml": "a:\n\tb: c\n",
  "/p/long.yaml": `key: ${"x".repeat(500)} HERE ${"y".repeat(500)}\n`,
  "/p/binary": "\u0000\u0001\u0002",
};
const options = { readFile: (path: string) => files[path], directory: "/p" };

describe("renderDiagnostics", () => {
  it("gives a terminal nothing to obey, and does not fill it", () => {
    const message = `"\u001b[2J\u0007" is ${"long ".repeat(100_000)}`;
    const at = { file: "/p/escape", line: 1, column: 1 };
    const text = renderDiagnostics([{ code: "x", severity: "error", message, at, stage: "a\u0000b", hint: "\u009b" }], {
      ...options,
      readFile: () => "key: \u001b]0;title\u0007\n",
    });
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text.length).toBeLessThan(5000);
  });

  it("shows code, place, the lines around it, a caret under what is meant, and help", () => {
    const text = renderDiagnostics(
      [
        {
          code: "unknown-stage",
          severity: "error",
          message: 'there is no stage "text/tokenise"',
          hint: 'Did you mean "text/tokenize"?',
          stage: "tokens",
          at: { file: "/p/a.yaml", line: 3, column: 18, length: 13 },
        },
      ],
      options,
    );
    expect(text).toBe(
      [
        'error[unknown-stage] tokens: there is no stage "text/tokenise" a.yaml:3:18',
        "  1 | seqloom: 1",
        "  2 | stages:",
        "> 3 |   tokens: { use: text/tokenise }",
        "    |                  ^^^^^^^^^^^^^",
        '  4 |   "x": y',
        '  help: Did you mean "text/tokenize"?',
      ].join("\n"),
    );
  });

  it("keeps columns right where a line has tabs", () => {
    const at = { file: "/p/tab.yaml", line: 2, column: 1, length: 1 };
    expect(renderDiagnostics([{ code: "tab", severity: "error", message: "a tab", at }], options)).toContain(
      "> 2 |  b: c\n    | ^",
    );
  });

  it("cuts a very long line to a window around the place", () => {
    const at = { file: "/p/long.yaml", line: 1, column: 507, length: 4 };
    const text = renderDiagnostics([{ code: "x", severity: "error", message: "here", at }], options);
    const [, line, carets] = text.split("\n");
    expect(line.length).toBeLessThan(200);
    expect(line.slice(carets.indexOf("^"), carets.indexOf("^") + 4)).toBe("HERE");
  });

  it("shows no frame for a binary file or one that is gone, and still says the place", () => {
    for (const file of ["/p/binary", "/p/gone.yaml"]) {
      const text = renderDiagnostics(
        [{ code: "x", severity: "error", message: "m", at: { file, line: 1, column: 1 } }],
        options,
      );
      expect(text).toBe(`error[x] m ${file.slice(3)}:1:1`);
    }
  });

  it("shows related places, and paints only when asked", () => {
    const diagnostic = {
      code: "x",
      severity: "warning",
      message: "m",
      related: [{ message: "first here", at: { file: "/p/a.yaml", line: 2, column: 1, length: 6 } }],
    } as const;
    expect(renderDiagnostics([diagnostic], options)).toContain(
      "note: first here a.yaml:2:1\n  1 | seqloom: 1\n> 2 | stages:\n    | ^^^^^^",
    );
    expect(renderDiagnostics([diagnostic], { ...options, color: true })).toContain("\u001b[33mwarning[x]\u001b[39m");
  });
});
