import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesOf, decodeSamples, openWav, type SampleEncoding, wavBytes } from "@seqloom/audio";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

function fileOf(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-wav-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "clip.wav");
  writeFileSync(path, bytes);
  return path;
}

function readAll(bytes: Uint8Array) {
  const wav = openWav(fileOf(bytes), "clip.wav");
  const samples = wav.read(0, wav.length);
  wav.close();
  return { ...wav, samples };
}

function chunk(id: string, body: Uint8Array, size = body.length): Uint8Array {
  const out = new Uint8Array(8 + body.length + (body.length % 2));
  out.set(Buffer.from(id, "latin1"));
  new DataView(out.buffer).setUint32(4, size, true);
  out.set(body, 8);
  return out;
}

function format(code: number, channels: number, rate: number, bits: number, more: readonly number[] = []): Uint8Array {
  const body = new Uint8Array(16 + more.length);
  const view = new DataView(body.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, rate, true);
  view.setUint32(8, (rate * channels * bits) / 8, true);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  body.set(more, 16);
  return chunk("fmt ", body);
}

function riff(...chunks: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from("RIFF\xff\xff\xff\xffWAVE", "latin1"), ...chunks]);
}

const problem = (bytes: Uint8Array): string => {
  try {
    openWav(fileOf(bytes), "clip.wav").close();
  } catch (error) {
    return (error as { diagnostics: { code: string; message: string }[] }).diagnostics
      .map(({ code, message }) => `${code}: ${message}`)
      .join();
  }
  return "none";
};

describe("WAV", () => {
  it("what is written is read again, at any place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 50 }),
        fc.constantFrom("int16", "int24", "float32"),
        fc.integer({ min: 1, max: 2 }),
        (values, encoding, channels) => {
          const samples = Float32Array.from(values.slice(0, values.length - (values.length % channels)));
          const wav = openWav(fileOf(wavBytes(samples, 22_050, { channels, encoding })));
          const error = encoding === "float32" ? 0 : encoding === "int24" ? 2 ** -23 : 2 ** -15;
          const read = wav.read(1, wav.length);
          wav.close();
          expect(wav).toMatchObject({ sampleRate: 22_050, channels, length: samples.length / channels });
          expect(read).toHaveLength(samples.length - channels);
          for (const [i, value] of read.entries()) {
            expect(Math.abs(value - samples[i + channels])).toBeLessThanOrEqual(error);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each<[SampleEncoding, number, readonly number[], readonly number[]]>([
    ["uint8", 1, [0, 128, 255], [-1, 0, 127 / 128]],
    ["int16", 1, [0, 0x80, 0, 0, 0xff, 0x7f], [-1, 0, 32_767 / 32_768]],
    ["int24", 1, [0, 0, 0x80, 1, 0, 0], [-1, 2 ** -23]],
    ["int32", 1, [0, 0, 0, 0x80, 0, 0, 0, 0x40], [-1, 0.5]],
    ["float64", 3, [...new Uint8Array(Float64Array.of(0.25, -2).buffer)], [0.25, -2]],
    // Values of ITU-T G.711: the largest, the smallest of either sign.
    ["mulaw", 7, [0x00, 0x80, 0x7f, 0xff], [-32_124 / 32_768, 32_124 / 32_768, 0, 0]],
    ["alaw", 6, [0x2a, 0xaa, 0x55, 0xd5], [-32_256 / 32_768, 32_256 / 32_768, -8 / 32_768, 8 / 32_768]],
  ])("reads %s", (encoding, code, bytes, expected) => {
    const file = riff(format(code, 1, 8000, 8 * bytesOf(encoding)), chunk("data", Uint8Array.from(bytes)));
    const { samples, warnings } = readAll(file);
    expect([...samples].map((value) => value + 0)).toEqual(expected.map((value) => Math.fround(value)));
    expect(warnings).toEqual([]);
    expect(decodeSamples(Uint8Array.from(bytes), encoding)).toEqual(samples);
  });

  it("reads the extensible form, passes over other chunks and their padding, and 16 channels", () => {
    const guid = [22, 0, 16, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];
    const data = new Uint8Array(32).fill(1);
    const file = riff(chunk("LIST", Uint8Array.of(1, 2, 3)), format(0xfffe, 16, 48_000, 16, guid), chunk("data", data));
    expect(readAll(file)).toMatchObject({ encoding: "int16", channels: 16, length: 1, sampleRate: 48_000 });
  });

  it("a file that is cut off, or streamed with an unknown size, gives what is there, with a warning where it was promised more", () => {
    const whole = wavBytes(Float32Array.of(0.1, 0.2, 0.3, 0.4), 8000);
    const cut = readAll(whole.subarray(0, whole.length - 3));
    expect(cut.length).toBe(2);
    expect(cut.warnings).toEqual(['"clip.wav" is cut off: its header promises 4 samples, 2 are there']);
    const streamed = whole.slice();
    new DataView(streamed.buffer).setUint32(40, 0xffffffff, true);
    expect(readAll(streamed)).toMatchObject({ length: 4, warnings: [] });
  });

  it("reads sizes above 4 GB from RF64", () => {
    const wide = new Uint8Array(28);
    new DataView(wide.buffer).setBigUint64(8, 4n, true);
    const file = riff(
      chunk("ds64", wide),
      format(1, 1, 8000, 16),
      chunk("data", Uint8Array.of(0, 64, 0, 64), 0xffffffff),
    );
    file.set(Buffer.from("RF64"));
    expect(readAll(file)).toMatchObject({ length: 2, warnings: [] });
  });

  it("reads the end of a file of more than 4 GB, whether its header tells its size in 64 bits or, wrongly, in 32", () => {
    const seconds = 2.3e9;
    const size = 2 * seconds;
    const samples = Uint8Array.of(0, 64, 0, 192);
    for (const [magic, claimed] of [
      ["RF64", 0xffffffff],
      ["RIFF", size % 2 ** 32],
      ["RIFF", 0],
    ] as const) {
      const wide = new Uint8Array(28);
      new DataView(wide.buffer).setBigUint64(8, BigInt(size), true);
      const head = riff(
        ...(magic === "RF64" ? [chunk("ds64", wide)] : []),
        format(1, 1, 8000, 16),
        chunk("data", new Uint8Array(), claimed),
      );
      head.set(Buffer.from(magic));
      const path = fileOf(head);
      // No block of the disk is taken by what was never written.
      const file = openSync(path, "r+");
      writeSync(file, samples, 0, 4, head.length + size - 4);
      closeSync(file);
      const wav = openWav(path);
      const end = [...wav.read(wav.length - 3, wav.length)];
      wav.close();
      expect({ length: wav.length, end, warnings: wav.warnings }).toEqual({
        length: seconds,
        end: [0, 0.5, -0.5],
        warnings: [],
      });
    }
  });

  it("does not believe headers that contradict themselves", () => {
    const two = Uint8Array.of(0, 64, 0, 192);
    // 20 bits in 24: the container's size decides.
    const odd = format(1, 1, 8000, 24);
    new DataView(odd.buffer).setUint16(22, 20, true);
    expect(readAll(riff(odd, chunk("data", Uint8Array.of(0, 0, 64))))).toMatchObject({ encoding: "int24", length: 1 });
    // Bytes that make no whole sample at the end are left out.
    expect(readAll(riff(format(1, 1, 8000, 16), chunk("data", Uint8Array.of(0, 64, 7))))).toMatchObject({ length: 1 });
    // What follows the samples is no sound.
    const list = chunk("LIST", Uint8Array.of(1, 2, 3, 4));
    expect(readAll(riff(format(1, 1, 8000, 16), chunk("data", two), list))).toMatchObject({ length: 2, warnings: [] });
    // A chunk that is longer than the file hides what should come behind it.
    expect(problem(riff(format(1, 1, 8000, 16), chunk("junk", two, 1e9), chunk("data", two)))).toContain(
      "no data chunk",
    );
    expect(problem(riff(chunk("fmt ", Uint8Array.of(1, 0, 1, 0)), chunk("data", two)))).toContain("4 bytes where 16");
    expect(problem(riff(format(0xfffe, 1, 8000, 16, [22, 0]), chunk("data", two)))).toContain(
      "extensible fmt chunk is cut off",
    );
    const codec = [22, 0, 16, 0, 0, 0, 0, 0, 0x50, 0, ...Array(14).fill(0)];
    expect(problem(riff(format(0xfffe, 1, 8000, 16, codec), chunk("data", two)))).toContain("codec 0x50 of 16 bits");
    expect(problem(riff(format(3, 1, 8000, 16), chunk("data", two)))).toContain("floats of 16 bits");
  });

  it("says what a file is that is no WAV, and what is wrong with one that is", () => {
    const ok = format(1, 1, 8000, 16);
    const data = chunk("data", Uint8Array.of(0, 0));
    expect(problem(new Uint8Array())).toContain("it is empty");
    expect(problem(Buffer.from("ID3\x03 an mp3, of course"))).toContain("it is an MP3 file");
    expect(problem(Buffer.from("fLaC and more than that"))).toContain("it is a FLAC file");
    expect(problem(riff(data))).toContain("its samples come before its format");
    expect(problem(riff(ok))).toContain("it has no data chunk");
    expect(problem(riff())).toContain("it has no fmt chunk");
    expect(problem(riff(format(2, 1, 8000, 4), data))).toContain("Microsoft ADPCM of 4 bits");
    expect(problem(riff(format(1, 0, 8000, 16), data))).toContain("no channels");
    expect(problem(riff(format(1, 1, 0, 16), data))).toContain("0 Hz");
    expect(problem(riff(ok, chunk("data", new Uint8Array())))).toBe('wav-empty: "clip.wav" has no samples');
  });

  it("meets any bytes with a diagnostic or with samples, never with another error", () => {
    const whole = wavBytes(Float32Array.of(0.1, 0.2, 0.3), 8000);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const bytes = whole.slice();
        bytes[at] = value;
        expect(problem(bytes)).toMatch(/^(none|wav-)/);
      }),
      { numRuns: 200 },
    );
  });
});
