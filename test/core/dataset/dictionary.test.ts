import { compact, countDictionary, filterDictionary, mapDictionary, tokens, tokensOfRow } from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const rows = fc.array(fc.array(fc.constantFrom("a", "A", "b", "B", "c", "", "é")));
const change = (form: string): string | null => (form === "b" ? null : form.toLowerCase());
const wordsOf = (column: ReturnType<typeof tokens>) =>
  Array.from({ length: column.offsets.length - 1 }, (_, row) => tokensOfRow(column, row));

describe("changes of a dictionary", () => {
  it("do to every row what the function does to every word", () => {
    fc.assert(
      fc.property(rows, (words) => {
        const expected = words.map((row) => row.map(change).filter((word) => word !== null));
        expect(wordsOf(mapDictionary(tokens(words), change))).toEqual(expected);
        const kept = words.map((row) => row.filter((word) => word !== "a"));
        expect(wordsOf(filterDictionary(tokens(words), (form) => form !== "a"))).toEqual(kept);
      }),
    );
  });

  it("give what building the result anew gives, dictionary and all: equal content has equal bytes", () => {
    fc.assert(
      fc.property(rows, (words) => {
        const changed = mapDictionary(tokens(words), change);
        expect(changed).toEqual(tokens(wordsOf(changed)));
        expect(compact(changed)).toEqual(changed);
      }),
    );
  });

  it("are made once per distinct form", () => {
    const asked: string[] = [];
    mapDictionary(tokens([["a", "b", "a"], ["a"]]), (form) => {
      asked.push(form);
      return form;
    });
    expect(asked).toEqual(["a", "b"]);
  });

  it("leave out forms that are no longer used, and keep rows that became empty", () => {
    const column = mapDictionary(tokens([["b"], ["a", "A"], []]), change);
    expect(column.dictionary).toEqual(["a"]);
    expect(wordsOf(column)).toEqual([[], ["a", "a"], []]);
  });

  it("count how often each form occurs", () => {
    expect([...countDictionary(tokens([["x", "y"], [], ["x"]]))]).toEqual([2, 1]);
  });
});
