import { artifactType, type Files } from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const type = artifactType("files");
const back = async (value: Files): Promise<Files> => {
  const parts: Files[] = [];
  for (const part of type.parts!.cut(value)) parts.push((await type.decode(await type.encode(part))) as Files);
  return type.parts!.join(parts) as Files;
};
const named = (...names: readonly string[]): Files =>
  names.map((name) => ({ name, mediaType: "text/plain", bytes: Uint8Array.of(1) }));

describe("files as an artifact", () => {
  it("come back with names, media types and bytes, in order", async () => {
    const file = fc.record({
      name: fc.constantFrom("a.wav", "Ä/é ü.png", "numbers/7#1.000.wav", "日本語.txt", ".hidden", "a..b"),
      mediaType: fc.constantFrom("audio/wav", "image/png"),
      bytes: fc.uint8Array({ maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(file, { selector: ({ name }) => name, maxLength: 4 }), async (value) => {
        const read = await back(value);
        expect(read.map((one) => ({ ...one, bytes: Uint8Array.from(one.bytes) }))).toEqual(value);
      }),
    );
  });

  it("are stored in parts of some megabytes, and tell how many they are", async () => {
    const value = ["a", "b", "c"].map((name) => ({ name, mediaType: "x/y", bytes: new Uint8Array(5 << 20) }));
    expect([...type.parts!.cut(value)].map((part) => (part as Files).length)).toEqual([1, 1, 1]);
    expect((await back(value)).map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(type.preview(value)).toMatchObject({ count: 3, size: 15 << 20 });
  });

  it.each(["/etc/passwd", "../a", "a/../../b", "a//b", ".", "a\\b", "c:d", "a\u0000b", "end.", "dir /x"])(
    "%j is no name, neither written nor read",
    async (name) => {
      await expect(type.encode(named(name))).rejects.toMatchObject({ diagnostics: [{ code: "file-name" }] });
      await expect(type.encode(named(""))).rejects.toMatchObject({ diagnostics: [{ code: "file-name" }] });
      const [{ bytes }] = await type.encode(named("x".repeat(Buffer.byteLength(JSON.stringify(name)) - 2)));
      const forged = Buffer.from(bytes);
      const from = forged.indexOf('"name":"') + 7;
      forged.write(JSON.stringify(name), from);
      await expect(type.decode([{ name: "files.bin", bytes: forged }])).rejects.toMatchObject({
        diagnostics: [{ code: "file-name" }],
      });
    },
  );

  it("two names that only differ in capitals would be one file on some machines", async () => {
    await expect(type.encode(named("A.wav", "a.wav"))).rejects.toThrow('two files are called "a.wav"');
  });
});
