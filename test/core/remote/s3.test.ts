import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";
import { s3Server, signatureOf } from "../../support/s3-server.js";
import { digests, runWith, smallPipeline, statuses, WRITE, warningsOf } from "./support.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** A store whose project file names the server; what the server holds. */
async function bucket() {
  const { server, held } = s3Server("AKIDEXAMPLE", SECRET);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const home = () => {
    const folder = temporaryFolder();
    const s3 = `{ endpoint: "http://127.0.0.1:${port}", region: eu-central-1 }`;
    writeFileSync(join(folder, "seqloom.config.yaml"), `cache: { s3: ${s3} }\n`);
    return folder;
  };
  return { held, home };
}

describe("a bucket as a remote cache", () => {
  it("the server of these tests computes the signature of Amazon's own example", () => {
    // "GET Object" of "Authenticating Requests: Using the Authorization Header" in the reference of Amazon S3.
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const headers = {
      host: "examplebucket.s3.amazonaws.com",
      range: "bytes=0-9",
      "x-amz-content-sha256": empty,
      "x-amz-date": "20130524T000000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=",
    };
    expect(signatureOf({ method: "GET", url: "/test.txt", headers }, SECRET)).toBe(
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
  });

  it("gives a second store every result of the first; every request is signed, and every body with it", async () => {
    const { held, home } = await bucket();
    const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: SECRET };
    const first = await runWith(smallPipeline(), "s3://models/team/a", { ...env, ...WRITE }, home());
    expect(warningsOf(first)).toBe("");
    expect(first.remote).toMatchObject({ remote: "s3://models/team/a", published: 4 });
    expect([...held.keys()].every((path) => /^\/models\/team\/a\/(ac|cas)\/[0-9a-f]{64}$/.test(path))).toBe(true);
    const second = await runWith(smallPipeline(), "s3://models/team/a", env, home());
    expect(new Set(Object.values(statuses(second)))).toEqual(new Set(["remote"]));
    expect(digests(second)).toEqual(digests(first));
    const before = new Map(held);
    const again = await runWith(smallPipeline(), "s3://models/team/a", { ...env, ...WRITE }, home());
    expect(again.remote).toMatchObject({ hits: 4, published: 0 });
    expect(held).toEqual(before);
  });

  it("with another secret it refuses, and the run computes", async () => {
    const { home } = await bucket();
    const env = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: `${SECRET}x` };
    const record = await runWith(smallPipeline(), "s3://models", env, home());
    expect(record.status).toBe("succeeded");
    expect(warningsOf(record)).toContain("refuses the credentials (403)");
    expect(JSON.stringify(record)).not.toContain(SECRET);
  });
});
