import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type FileSource, type Progress, resolveFiles } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { diagnosticsOf, folderWith, serve, sha256 } from "./support.js";

const CONTENT = "label,text\npos,fine\n";
const DIGEST = sha256(CONTENT);

interface Setup {
  readonly downloads?: string;
  readonly mirrors?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly timeout?: number;
  readonly retryDelays?: readonly number[];
}

async function resolveOne(source: FileSource, setup: Setup = {}) {
  const options = {
    directory: folderWith(),
    downloads: folderWith(),
    mirrors: [],
    signal: new AbortController().signal,
    retryDelays: [1, 1],
    ...setup,
  };
  return (await resolveFiles({ files: [source] }, options)).files[0];
}

/** Every file below a folder. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /[^/]{3}/.test(name));

describe("a file named by URL", () => {
  it("is downloaded, verified, and kept in the cache by its digest", async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      requests++;
      response.end(CONTENT);
    });
    const downloads = folderWith();
    const source = { url: `${server}/reviews.csv`, sha256: DIGEST };
    const file = await resolveOne(source, { downloads });
    expect(file).toEqual({ path: join(downloads, DIGEST.slice(0, 2), DIGEST), name: source.url, digest: DIGEST });
    expect(readFileSync(file.path, "utf8")).toBe(CONTENT);
    expect(await resolveOne(source, { downloads })).toEqual(file);
    expect(requests).toBe(1);
  });

  it("is downloaded once when two groups name it", async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      requests++;
      response.end(CONTENT);
    });
    const sources = [{ url: server, sha256: DIGEST }];
    const signal = new AbortController().signal;
    const options = { directory: "/", downloads: folderWith(), mirrors: [], signal };
    const files = await resolveFiles({ train: sources, test: sources }, options);
    expect(files.train).toEqual(files.test);
    expect(requests).toBe(1);
  });

  it("is downloaded again when the cached copy is damaged", async () => {
    const server = await serve((_, response) => void response.end(CONTENT));
    const downloads = folderWith({ [join(DIGEST.slice(0, 2), DIGEST)]: "damaged" });
    const { path } = await resolveOne({ url: server, sha256: DIGEST }, { downloads });
    expect(readFileSync(path, "utf8")).toBe(CONTENT);
  });

  it("with other bytes than promised is refused, and nothing is kept", async () => {
    const server = await serve((_, response) => void response.end("<html>moved</html>"));
    const downloads = folderWith();
    const [problem] = await diagnosticsOf(resolveOne({ url: `${server}/a.csv`, sha256: DIGEST }, { downloads }));
    expect(problem.code).toBe("sha256-mismatch");
    expect(problem.message).toBe(
      `${server}/a.csv has SHA-256 ${sha256("<html>moved</html>")} (18 bytes), expected ${DIGEST}`,
    );
    expect(problem.hint).toContain("nothing was kept");
    expect(filesIn(downloads)).toEqual([]);
  });

  it("is asked for again after an error of the server", async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      response.statusCode = ++requests === 1 ? 500 : 200;
      response.end(requests === 1 ? "sorry" : CONTENT);
    });
    expect((await resolveOne({ url: server, sha256: DIGEST })).digest).toBe(DIGEST);
    expect(requests).toBe(2);
  });

  it("is asked for again after the connection breaks in the middle", async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      response.setHeader("content-length", CONTENT.length);
      if (++requests > 1) response.end(CONTENT);
      else response.write(CONTENT.slice(0, 5), () => response.destroy());
    });
    const downloads = folderWith();
    const { path } = await resolveOne({ url: server, sha256: DIGEST }, { downloads });
    expect(readFileSync(path, "utf8")).toBe(CONTENT);
    expect(filesIn(downloads)).toHaveLength(1);
    expect(requests).toBe(2);
  });

  it("is given up after a server that sends nothing more", async () => {
    const server = await serve((_, response) => void response.write("label"));
    const [problem] = await diagnosticsOf(resolveOne({ url: server, sha256: DIGEST }, { timeout: 50 }));
    expect(problem.message).toBe(`cannot download ${server}: nothing received for 0.05 s (tried 3 times)`);
  });

  it("that is not there is not asked for again", async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      requests++;
      response.statusCode = 404;
      response.end();
    });
    const [problem] = await diagnosticsOf(resolveOne({ url: `${server}/no.csv`, sha256: DIGEST }));
    expect(problem.message).toBe(`cannot download ${server}/no.csv: the server answered 404 Not Found`);
    expect(requests).toBe(1);
  });

  it("without a network fails with a word about mirrors", async () => {
    const source = { url: "http://127.0.0.1:1/a.csv", sha256: DIGEST };
    const [problem] = await diagnosticsOf(resolveOne(source, { mirrors: ["/no/such/mirror"] }));
    expect(problem.code).toBe("download-failed");
    expect(problem.message).toMatch(/^cannot download http:\/\/127\.0\.0\.1:1\/a\.csv: .*\(tried 3 times\)$/);
    expect(problem.hint).toContain("set SEQLOOM_MIRROR to that folder");
    expect(problem.hint).toContain('SEQLOOM_MIRROR names "/no/such/mirror", which is no folder.');
  });

  it("may be on this machine", async () => {
    const folder = folderWith({ "a b.csv": CONTENT });
    const url = pathToFileURL(join(folder, "a b.csv")).href;
    expect((await resolveOne({ url, sha256: DIGEST })).digest).toBe(DIGEST);
    const [problem] = await diagnosticsOf(resolveOne({ url: `${url}x`, sha256: DIGEST }));
    expect(problem.message).toBe(`cannot download ${url}x: there is no such file`);
  });

  it("must have a protocol that is known", async () => {
    const [problem] = await diagnosticsOf(resolveOne({ url: "ftp://host/a.csv", sha256: DIGEST }));
    expect(problem.message).toContain("a URL begins with https://, http:// or file://");
  });

  it("is left when the run is aborted, with nothing half-written", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const server = await serve((_, response) => {
      response.write("label", () => controller.abort(reason));
    });
    const downloads = folderWith();
    const result = resolveOne({ url: server, sha256: DIGEST }, { downloads, signal: controller.signal });
    await expect(result).rejects.toBe(reason);
    expect(filesIn(downloads)).toEqual([]);
  });

  it("is left when the run is aborted between two tries", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const server = await serve((_, response) => {
      response.statusCode = 503;
      response.end(() => setTimeout(() => controller.abort(reason), 50));
    });
    const retryDelays = [60_000];
    const result = resolveOne({ url: server, sha256: DIGEST }, { signal: controller.signal, retryDelays });
    await expect(result).rejects.toBe(reason);
  });

  it("tells how far it is", async () => {
    const large = Buffer.alloc(3 << 20, "x");
    const server = await serve((_, response) => {
      response.setHeader("content-length", large.length);
      response.end(large);
    });
    const heard: Progress[] = [];
    await resolveOne({ url: server, sha256: sha256(large) }, { onProgress: (progress) => heard.push(progress) });
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.at(-1)).toEqual({ done: large.length, total: large.length, unit: "bytes", message: server });
  });
});

describe("a mirror", () => {
  const url = "http://127.0.0.1:1/reviews.csv";

  it("gives files by the digests of its SHA256SUMS, before the network", async () => {
    const mirror = folderWith({ "deep/other-name.csv": CONTENT, SHA256SUMS: `${DIGEST}  deep/other-name.csv\n` });
    const file = await resolveOne({ url, sha256: DIGEST }, { mirrors: [mirror] });
    expect(file).toEqual({ path: join(mirror, "deep/other-name.csv"), name: url, digest: DIGEST });
  });

  it("without a list is read once", async () => {
    const mirror = folderWith({ "a.csv": "other", "deep/b.csv": CONTENT });
    const file = await resolveOne({ url, sha256: DIGEST }, { mirrors: ["/no/such/mirror", mirror] });
    expect(file.path).toBe(join(mirror, "deep/b.csv"));
  });

  it("whose list is wrong is not believed", async () => {
    const lines = [`${DIGEST}  gone.csv`, `${DIGEST}  changed.csv`, `${DIGEST} *right.csv`];
    const mirror = folderWith({ "changed.csv": "other", "right.csv": CONTENT, SHA256SUMS: lines.join("\n") });
    expect((await resolveOne({ url, sha256: DIGEST }, { mirrors: [mirror] })).path).toBe(join(mirror, "right.csv"));
    writeFileSync(join(mirror, "right.csv"), "other");
    const [problem] = await diagnosticsOf(resolveOne({ url, sha256: DIGEST }, { mirrors: [mirror] }));
    expect(problem.code).toBe("download-failed");
  });
});

describe("a file named by path", () => {
  it("comes with its absolute path, its name and its digest", async () => {
    const directory = folderWith({ "d/a.csv": CONTENT });
    const signal = new AbortController().signal;
    const options = { directory, downloads: join(directory, "cache"), mirrors: [], signal };
    expect(await resolveFiles({ train: [{ path: "d/*.csv" }], test: [] }, options)).toEqual({
      train: [{ path: join(directory, "d/a.csv"), name: "d/a.csv", digest: DIGEST }],
      test: [],
    });
    expect(existsSync(join(directory, "cache"))).toBe(false);
  });
});
