import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderWith, SMALL, seqloom, startSeqloom } from "./support.js";

const TOKENS = { SEQLOOM_CACHE_WRITE_TOKEN: "write-4f1d", SEQLOOM_CACHE_READ_TOKEN: "read-77ac" };

/** A cache server as a process of its own, over a new folder. */
async function serve(env: Readonly<Record<string, string>> = TOKENS, flags: readonly string[] = []) {
  const folder = join(folderWith({}), "served");
  const { child, ended } = startSeqloom(["cache", "serve", folder, "--port", "0", ...flags], { env });
  onTestFinished(() => void child.kill("SIGKILL"));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    void ended.then(({ err }) => reject(new Error(err)));
  });
  const ask = (path: string, init: RequestInit = {}, token: string | null = "write-4f1d") =>
    fetch(url + path, {
      ...init,
      ...(token !== null && { headers: { ...init.headers, authorization: `Bearer ${token}` } }),
    });
  const put = (path: string, body: string | Uint8Array<ArrayBuffer>, token?: string | null) =>
    ask(path, { method: "PUT", body }, token);
  return { folder, url, child, ended, ask, put };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const file = (text: string): string => `/cas/${sha256(text)}`;

/** Sends bytes as they are, and gives what comes back. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk;
    });
    socket.on("close", () => resolve(got));
    socket.on("error", reject);
  });
}

describe("seqloom cache serve", () => {
  it("shares results between checkouts; whoever may only read publishes nothing", async () => {
    const { url } = await serve();
    const run = (token: string, write: string) => {
      const cwd = folderWith({ "small.yaml": SMALL, "seqloom.config.yaml": `cache: { remote: "${url}" }\n` });
      const env = { SEQLOOM_CACHE_TOKEN: token, SEQLOOM_CACHE_WRITE: write };
      const { out, err } = seqloom(["run", "small.yaml", "--json", "--no-report"], { cwd, env });
      return { ...(JSON.parse(out) as { remote: object; stages: { outputs: object }[] }), err };
    };
    const reader = run("read-77ac", "1");
    expect(reader.remote).toMatchObject({ hits: 0, published: 0, notPublished: 3 });
    expect(reader.err).toContain("refuses the credentials (403)");
    const writer = run("write-4f1d", "1");
    expect(writer.remote).toMatchObject({ hits: 0, published: 3 });
    const second = run("read-77ac", "0");
    expect(second.remote).toMatchObject({ hits: 3 });
    expect(second.stages.map(({ outputs }) => outputs)).toEqual(writer.stages.map(({ outputs }) => outputs));
  });

  it("asks for tokens, each for what it allows; health needs none; no token is in its log", async () => {
    const { ask, put, child, ended } = await serve();
    expect((await ask("/health", {}, null)).status).toBe(200);
    expect((await put(file("a"), "a", null)).status).toBe(401);
    expect((await put(file("a"), "a", "read-77ac")).status).toBe(403);
    expect((await put(file("a"), "a", "other")).status).toBe(403);
    expect((await put(file("a"), "a")).status).toBe(201);
    expect((await ask(file("a"), {}, null)).status).toBe(401);
    expect((await ask(file("a"), {}, "other")).status).toBe(403);
    expect(await (await ask(file("a"), {}, "read-77ac")).text()).toBe("a");
    child.kill("SIGTERM");
    const { code, err, out } = await ended;
    expect(code).toBe(0);
    expect(err).toContain(`PUT ${file("a")} 201`);
    for (const token of ["write-4f1d", "read-77ac", "other"]) expect(err + out).not.toContain(token);
  });

  it("keeps what it has, and takes only what its name says, within its limits", async () => {
    const { put, ask, folder } = await serve(TOKENS, ["--max-file", "0.000001", "--max-size", "0.000002"]);
    expect((await put(file("first"), "first")).status).toBe(201);
    expect((await put(file("first"), "other")).status).toBe(412);
    expect(await (await ask(file("first"))).text()).toBe("first");
    const lie = await put(file("this"), "that");
    expect([lie.status, await lie.text()]).toEqual([422, `its SHA-256 is ${sha256("that")}\n`]);
    const result = await put(`/ac/${"0".repeat(64)}`, '{"schema":"result/1"}');
    expect(result.status).toBe(422);
    const large = "x".repeat(2000);
    expect((await put(file(large), large)).status).toBe(413);
    const fits = ["y", "z"].map((letter) => letter.repeat(1072));
    expect((await put(file(fits[0]), fits[0])).status).toBe(201);
    expect((await put(file(fits[1]), fits[1])).status).toBe(507);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
    expect(
      readdirSync(join(folder, "cas"), { recursive: true, withFileTypes: true }).filter((item) => item.isFile()),
    ).toHaveLength(2);
  });

  it("answers parts of a file, and what is there without its bytes", async () => {
    const { put, ask } = await serve();
    await put(file("0123456789"), "0123456789");
    const part = async (range: string) => {
      const response = await ask(file("0123456789"), { headers: { range } });
      return [response.status, response.headers.get("content-range"), await response.text()];
    };
    expect(await part("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await part("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await part("bytes=-2")).toEqual([206, "bytes 8-9/10", "89"]);
    expect((await part("bytes=10-"))[0]).toBe(416);
    expect(await part("bytes=0-1,3-4")).toEqual([200, null, "0123456789"]);
    const head = await ask(file("0123456789"), { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
    expect((await ask(file("none"), { method: "HEAD" })).status).toBe(404);
    expect((await ask(file("none"), { method: "DELETE" })).status).toBe(405);
  });

  it("reaches nothing outside its folder, whatever the path", async () => {
    const { url, folder } = await serve({ SEQLOOM_CACHE_WRITE_TOKEN: "w" });
    writeFileSync(join(folder, "..", "secret"), "secret");
    const paths = [
      "/cas/../../secret",
      "/cas/..%2f..%2fsecret",
      "/cas/%2e%2e/%2e%2e/secret",
      "//cas//secret",
      `/cas/${"A".repeat(64)}`,
      `/cas/${"0".repeat(63)}%00`,
      "/ac/secret",
      "/",
    ];
    for (const path of paths) {
      for (const method of ["GET", "PUT"]) {
        const text = await raw(
          url,
          `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer w\r\ncontent-length: ${method === "PUT" ? 1 : 0}\r\nconnection: close\r\n\r\n${method === "PUT" ? "x" : ""}`,
        );
        expect(text).toMatch(/^HTTP\/1\.1 40[0-9]/);
        expect(text).not.toContain("secret\r\n");
      }
    }
    expect(readFileSync(join(folder, "..", "secret"), "utf8")).toBe("secret");
    expect(existsSync(folder)).toBe(false);
  });

  it("keeps nothing of an upload that breaks off, and ends cleanly while one hangs", async () => {
    const { url, folder, child, ended, ask } = await serve();
    const { hostname, port } = new URL(url);
    const begin = `PUT ${file("never")} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer write-4f1d\r\ncontent-length: 1000\r\n\r\npart`;
    const broken = connect(Number(port), hostname, () => broken.write(begin));
    while (!existsSync(join(folder, "tmp")) || readdirSync(join(folder, "tmp")).length === 0) await ask("/health");
    broken.destroy();
    while (readdirSync(join(folder, "tmp")).length > 0) await ask("/health");
    expect((await ask(file("never"))).status).toBe(404);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
  });

  it("says what is wrong with its flags; without a write token nobody can publish", async () => {
    const folder = folderWith({ tokens: "read a\nadmin b-secret\n" });
    const bad = seqloom(["cache", "serve", folder, "--tokens", join(folder, "tokens")]);
    expect([bad.code, bad.err.includes("line 2"), bad.err.includes("b-secret")]).toEqual([2, true, false]);
    expect(seqloom(["cache", "serve", folder, "--port", "99999"]).code).toBe(2);
    const { put, ask } = await serve({});
    expect((await put(file("a"), "a", "any")).status).toBe(403);
    expect((await ask(file("a"), {}, null)).status).toBe(404);
  });
});
