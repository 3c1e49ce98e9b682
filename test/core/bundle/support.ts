import { memberHeader } from "../../../packages/core/dist/bundle/layout.js";

/** A member of a bundle; with a header of its own where that is to be wrong. */
export interface Member {
  readonly name: string;
  readonly content: Buffer;
  readonly header?: Buffer;
}

/** A bundle as its members. */
export function membersOf(bundle: Buffer): Member[] {
  const list: Member[] = [];
  for (let at = 0; bundle[at] !== 0; ) {
    const name = bundle.toString("latin1", at, bundle.indexOf(0, at));
    const size = Number.parseInt(bundle.toString("latin1", at + 124, at + 135), 8);
    list.push({ name, content: bundle.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return list;
}

/** The archive of these members. */
export function archive(list: readonly Member[]): Buffer {
  const parts = list.flatMap(({ name, content, header }) => [
    header ?? memberHeader(name, content.length),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
