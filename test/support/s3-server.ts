import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

/** What of a request is signed. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they are on the wire. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The signature that a request should have, by the steps of "Signature Version 4" in the reference of Amazon S3. It shares
 * no code with the client.
 */
export function signatureOf(request: SignedRequest, secret: string): string {
  const authorization = String(request.headers.authorization);
  const [, date, region, service] =
    /Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization) ?? [];
  const names = (/SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "").split(";");
  const [path, query = ""] = request.url.split("?");
  const canonical = [
    request.method,
    path,
    query.split("&").sort().join("&"),
    ...names.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    names.join(";"),
    request.headers["x-amz-content-sha256"],
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<Buffer | string>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

/** A bucket server in memory: paths are `/<bucket>/<name>`; every request must be signed, every body be what was signed. */
export function s3Server(
  keyId: string,
  secret: string,
): { readonly server: Server; readonly held: Map<string, Buffer> } {
  const held = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const { method = "", url = "", headers } = request;
      const signed = headers.authorization?.includes(`Credential=${keyId}/`) === true;
      const right =
        signed && headers.authorization?.endsWith(`Signature=${signatureOf({ method, url, headers }, secret)}`);
      const found = held.get(url);
      if (!right) response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
      else if (headers["x-amz-content-sha256"] !== sha256(body)) response.writeHead(400).end();
      else if (method === "PUT" && headers["content-length"] === undefined) response.writeHead(411).end();
      else if (method === "PUT" && found !== undefined && headers["if-none-match"] === "*")
        response.writeHead(412).end();
      else if (method === "PUT") {
        held.set(url, body);
        response.writeHead(200).end();
      } else if (found === undefined) response.writeHead(404).end();
      else response.writeHead(200, { "content-length": found.length }).end(method === "HEAD" ? undefined : found);
    });
  });
  return { server, held };
}

function sha256(data: Buffer | string): string {
  return createHash("sha256").update(data).digest("hex");
}
