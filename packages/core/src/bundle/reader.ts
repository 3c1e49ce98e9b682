import type { FileHandle } from "node:fs/promises";
import { Malformed } from "../remote/strict-json.js";
import { BLOCK, END, memberBytes, memberHeader, sizeIn } from "./layout.js";

/** Reads an archive from its beginning to its end. */
export class BundleReader {
  readonly size: number;
  readonly #handle: FileHandle;
  #at = 0;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  static async over(handle: FileHandle): Promise<BundleReader> {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Malformed("it is no file");
    return new BundleReader(handle, stats.size);
  }

  get left(): number {
    return this.size - this.#at;
  }

  /** The content of a member with this name, of at most `most` bytes. */
  async text(name: string, most: number): Promise<string> {
    const header = await this.#take(BLOCK);
    const size = sizeIn(header) ?? -1;
    if (!memberHeader(name, Math.max(size, 0)).equals(header)) throw new Malformed(`${name} is not where it must be`);
    if (size > most) throw new Malformed(`${name} has more than ${most} bytes`);
    const content = (await this.#take(size)).toString("utf8");
    await this.#padding(size);
    return content;
  }

  /** Hands over the content of a member that must have this name and size. */
  async member(name: string, size: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    if (!memberHeader(name, size).equals(await this.#take(BLOCK)))
      throw new Malformed(`${name} is not where it must be`);
    for (let left = size; left > 0; ) {
      const chunk = await this.#take(Math.min(left, 1 << 20));
      left -= chunk.length;
      await take(chunk);
    }
    await this.#padding(size);
  }

  async end(): Promise<void> {
    if (this.left !== END || (await this.#take(END)).some((byte) => byte !== 0))
      throw new Malformed("its end is wrong");
  }

  async #padding(size: number): Promise<void> {
    const rest = await this.#take(memberBytes(size) - BLOCK - size);
    if (rest.some((byte) => byte !== 0)) throw new Malformed("what fills its blocks is not empty");
  }

  async #take(length: number): Promise<Buffer> {
    if (length > this.left) throw new Malformed("it is cut off");
    const buffer = Buffer.allocUnsafe(length);
    for (let got = 0; got < length; ) {
      const { bytesRead } = await this.#handle.read(buffer, got, length - got, this.#at + got);
      if (bytesRead === 0) throw new Malformed("it is cut off");
      got += bytesRead;
    }
    this.#at += length;
    return buffer;
  }
}
