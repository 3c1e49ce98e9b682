import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "@seqloom/core/engine";
import { createSigningKeys } from "@seqloom/core/remote";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";
import {
  digests,
  filesIn,
  memory,
  runWith,
  serve,
  smallPipeline,
  statuses,
  WRITE,
  warningsOf,
  wide,
} from "./support.js";

const ALL_REMOTE = { rows: "remote", upper: "remote", label: "remote", longest: "remote" };
const ALL_RUN = { rows: "run", upper: "run", label: "run", longest: "run" };

describe("a cache that is shared", () => {
  it("gives a second store every result of the first, byte for byte, and computes nothing", async () => {
    const folder = temporaryFolder();
    const first = await runWith(smallPipeline(), folder, WRITE);
    expect(statuses(first)).toEqual(ALL_RUN);
    expect(first.remote).toMatchObject({ hits: 0, published: 4, notPublished: 0 });
    const second = await runWith(smallPipeline(), folder);
    expect(statuses(second)).toEqual(ALL_REMOTE);
    expect(digests(second)).toEqual(digests(first));
    expect(second.stages.map(({ metrics, epochs }) => ({ metrics, epochs }))).toEqual(
      first.stages.map(({ metrics, epochs }) => ({ metrics, epochs })),
    );
    expect(second.remote).toMatchObject({ remote: folder, hits: 4, published: 0, refused: 0 });
    expect(warningsOf(second)).toBe("");
  });

  it("is the same over HTTP; files arrive before the result that names them", async () => {
    const { held, answer } = memory();
    const { url, asked } = await serve(answer);
    const first = await runWith(smallPipeline(), url, WRITE);
    const puts = asked.filter((one) => one.startsWith("PUT")).map((one) => one.slice(4));
    for (const path of puts.filter((one) => one.startsWith("/ac/"))) {
      const text = held.get(path)!.toString();
      const named = [...text.matchAll(/"digest":"([0-9a-f]{64})","name"/g)].map(([, digest]) => `/cas/${digest}`);
      expect(named.length).toBeGreaterThan(0);
      for (const file of named) expect(puts.indexOf(file)).toBeLessThan(puts.indexOf(path));
    }
    const second = await runWith(smallPipeline(), url);
    expect(statuses(second)).toEqual(ALL_REMOTE);
    expect(digests(second)).toEqual(digests(first));
  });

  it("is only read unless writing was asked for", async () => {
    const folder = temporaryFolder();
    expect((await runWith(smallPipeline(), folder)).remote).toMatchObject({ hits: 0, published: 0 });
    expect(filesIn(folder)).toEqual([]);
  });

  it("keeps the first result of a key, and sends no file twice", async () => {
    const { held, answer } = memory();
    const { url, asked } = await serve(answer);
    await runWith(smallPipeline(), url, WRITE);
    const before = new Map(held);
    asked.length = 0;
    // A store that has nothing and may not read what is there, since it trusts someone else: it computes, and offers.
    const { publicKey } = createSigningKeys();
    const again = await runWith(smallPipeline(), url, { ...WRITE, SEQLOOM_CACHE_TRUST: publicKey });
    expect(statuses(again)).toEqual(ALL_RUN);
    expect(again.remote).toMatchObject({ published: 0, alreadyThere: 4, refused: 4 });
    expect(asked.filter((one) => one.startsWith("PUT"))).toEqual([]);
    expect(held).toEqual(before);
  });

  it("mends a store that lost a file, without computing", async () => {
    const [folder, home] = [temporaryFolder(), temporaryFolder()];
    const first = await runWith(smallPipeline(), folder, WRITE, home);
    const store = openStore(home);
    for (const { outputs } of first.stages) {
      for (const { files } of Object.values(outputs))
        for (const { digest } of files) rmSync(store.blobPath(digest), { force: true });
    }
    const second = await runWith(smallPipeline(), folder, {}, home);
    expect(statuses(second)).toEqual(ALL_REMOTE);
    expect(digests(second)).toEqual(digests(first));
  });

  it("takes from its own store the files that it has, and fetches the others only", async () => {
    const { answer } = memory();
    const { url, asked } = await serve(answer);
    const first = await runWith(wide(3), url, WRITE);
    expect(new Set(Object.values(digests(first))).size).toBe(1);
    expect(asked.filter((one) => one.startsWith("PUT /cas/"))).toHaveLength(1);
    asked.length = 0;
    await runWith(wide(1), url, {}, temporaryFolder());
    const home = temporaryFolder();
    await runWith(wide(1), url, {}, home);
    asked.length = 0;
    expect((await runWith(wide(3), url, {}, home)).remote).toMatchObject({ hits: 2 });
    expect(asked.filter((one) => one.startsWith("GET /cas/"))).toEqual([]);
  });
});

describe("signatures", () => {
  it("with trusted keys, only what one of them signed is used", async () => {
    const [mine, other] = [createSigningKeys(), createSigningKeys()];
    const signed = temporaryFolder();
    await runWith(smallPipeline(), signed, { ...WRITE, SEQLOOM_CACHE_SIGNING_KEY: mine.privateKey });
    const trusts = (key: string, folder = signed) => runWith(smallPipeline(), folder, { SEQLOOM_CACHE_TRUST: key });
    expect(statuses(await trusts(mine.publicKey))).toEqual(ALL_REMOTE);
    expect(statuses(await trusts(`${other.publicKey} ${mine.publicKey}`))).toEqual(ALL_REMOTE);
    const stranger = await trusts(other.publicKey);
    expect(statuses(stranger)).toEqual(ALL_RUN);
    expect(warningsOf(stranger)).toContain("is signed by a key that is not trusted");
    const unsigned = temporaryFolder();
    await runWith(smallPipeline(), unsigned, WRITE);
    const refused = await trusts(mine.publicKey, unsigned);
    expect(statuses(refused)).toEqual(ALL_RUN);
    expect(refused.remote?.refused).toBe(4);
    expect(warningsOf(refused)).toContain("is not signed");
  });

  it("a signed result that was changed anywhere is refused: its files, its preview, its times, its signature", async () => {
    const mine = createSigningKeys();
    const folder = temporaryFolder();
    await runWith(wide(1), folder, { ...WRITE, SEQLOOM_CACHE_SIGNING_KEY: mine.privateKey });
    const [path] = filesIn(join(folder, "ac"));
    const text = readFileSync(path, "utf8");
    type Open = { [name: string]: Open } & { files: Open[] };
    const changes: ((result: Open) => void)[] = [
      (result) => Object.assign(result.outputs.data, { preview: { rows: 0 } }),
      (result) => Object.assign(result, { computeMs: 1e9 }),
      (result) => Object.assign(result, { epochs: [{ epoch: 1, metrics: { accuracy: 1 }, ms: 1 }] }),
      (result) => Object.assign(result.signature, { value: "A".repeat(86) }),
      (result) => Object.assign(result.signature, { by: createSigningKeys().publicKey }),
      (result) => void delete (result as Partial<Open>).signature,
    ];
    for (const change of changes) {
      const result = JSON.parse(text) as Open;
      change(result);
      writeFileSync(path, JSON.stringify(result));
      const record = await runWith(wide(1), folder, { SEQLOOM_CACHE_TRUST: mine.publicKey });
      expect(statuses(record)).toEqual({ s0: "run" });
      expect(record.remote?.refused).toBe(1);
    }
    writeFileSync(path, text);
    expect(statuses(await runWith(wide(1), folder, { SEQLOOM_CACHE_TRUST: mine.publicKey }))).toEqual({ s0: "remote" });
  });
});

describe("what is secret", () => {
  it("stands in no file that a run writes, here or there, and in no message", async () => {
    const keys = createSigningKeys();
    const token = "tok-7f3a91c2e8";
    const home = temporaryFolder();
    const { held, answer } = memory();
    const { url } = await serve((request, response) => {
      if (request.headers.authorization === `Bearer ${token}`) answer(request, response);
      else response.writeHead(401).end();
    });
    const env = { ...WRITE, SEQLOOM_CACHE_SIGNING_KEY: keys.privateKey, SEQLOOM_CACHE_TOKEN: token };
    const right = await runWith(smallPipeline(), url, env, home);
    expect(right.remote?.published).toBe(4);
    const wrong = await runWith(smallPipeline(), url, { ...env, SEQLOOM_CACHE_TOKEN: `${token}x` }, temporaryFolder());
    expect(warningsOf(wrong)).toContain("refuses the credentials (401)");
    const written = [
      ...filesIn(home).map((path) => readFileSync(path)),
      ...held.values(),
      Buffer.from(JSON.stringify([right, wrong])),
    ];
    for (const secret of [token, ...keys.privateKey.split(/[:.]/).slice(1, 2)]) {
      expect(written.filter((bytes) => bytes.includes(secret))).toEqual([]);
    }
  });
});
