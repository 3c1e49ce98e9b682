/** @file A bucket of S3, or of any store that speaks its protocol, as a remote cache. Requests are signed (AWS version 4). */
import { AwsV4Signer } from "aws4fetch";
import { HttpStorage } from "./http.js";

/** Where a bucket is, and who asks. */
export interface S3Options {
  readonly bucket: string;
  /** Put before all names; may be empty. */
  readonly prefix: string;
  readonly region: string;
  /** The address of a server other than Amazon's: names of buckets are then part of the path. */
  readonly endpoint: string | null;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
}

/** Opens a bucket. Says nothing to it yet. */
export function openS3(options: S3Options): HttpStorage {
  const { bucket, prefix, region, endpoint, accessKeyId, secretAccessKey, sessionToken } = options;
  const host = endpoint === null ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint}/${bucket}`;
  const base = prefix === "" ? host : `${host}/${prefix}`;
  const cache = new Map<string, ArrayBuffer>();
  const label = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
  return new HttpStorage(
    base,
    async ({ method, url, headers, digest }) => {
      const signer = new AwsV4Signer({
        method,
        url,
        // The digest of the body is signed with it: what arrives is what was sent, or is refused.
        headers: { ...headers, "x-amz-content-sha256": digest },
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== null && { sessionToken }),
        service: "s3",
        region,
        cache,
      });
      return Object.fromEntries((await signer.sign()).headers);
    },
    label,
  );
}
