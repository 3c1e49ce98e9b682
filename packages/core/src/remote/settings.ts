/** @file Where a remote cache is and how it may be used: said on the command line, in the environment, or in a file. */
import { z } from "zod";

/** Only the name of a variable may stand in a file: secrets never do. */
const variable = (fallback: string) =>
  z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, "must be the name of an environment variable, such as SEQLOOM_CACHE_TOKEN")
    .default(fallback);

/** A variable whose value is sent to the remote: a file from elsewhere must not choose just any. */
const sentVariable = (fallback: string) =>
  z
    .string()
    .regex(/^SEQLOOM_[A-Z0-9_]+$/, "must be the name of an environment variable that begins with SEQLOOM_")
    .default(fallback);

/** `cache:` of `seqloom.config.yaml`. */
export const cacheSettings = z.strictObject({
  remote: z
    .string()
    .optional()
    .describe("Address of the remote cache: https://…, s3://bucket/prefix, file:///folder, or a path"),
  mode: z
    .enum(["read", "read-write"])
    .default("read")
    .describe("Whether results are also published; SEQLOOM_CACHE_WRITE=1 or =0 decides otherwise"),
  token_env: sentVariable("SEQLOOM_CACHE_TOKEN").describe("The variable that holds the token of an HTTP cache"),
  trust: z
    .array(z.string())
    .default([])
    .describe("Public keys (`seqloom cache keygen`): only results that one of them signed are used"),
  sign_env: variable("SEQLOOM_CACHE_SIGNING_KEY").describe("The variable that holds the private key to sign with"),
  timeout_seconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(10)
    .describe("How long nothing may come before it is given up"),
  flush_seconds: z.number().min(0).max(3600).default(60).describe("How long the end of a run waits for publishing"),
  max_result_bytes: z
    .int()
    .min(1)
    .default(16 * 2 ** 30)
    .describe("Larger results are not fetched"),
  s3: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe("Address of a server other than Amazon's"),
      region: z
        .string()
        .regex(/^[a-z0-9-]+$/)
        .default("us-east-1")
        .describe("Region of the bucket"),
      access_key_env: variable("AWS_ACCESS_KEY_ID").describe("The variable that holds the id of the access key"),
      secret_key_env: variable("AWS_SECRET_ACCESS_KEY").describe(
        "The variable that holds the secret of the access key",
      ),
      session_token_env: variable("AWS_SESSION_TOKEN").describe("The variable that holds the session token, if any"),
    })
    .prefault({})
    .describe("For s3:// addresses"),
});

/** `seqloom.config.yaml`: what holds for all pipelines below its folder. */
export const projectSettings = z.strictObject({
  cache: cacheSettings.prefault({}).describe("The cache that is shared with others"),
});

/** Settings of a remote cache after validation. */
export type CacheSettings = z.output<typeof cacheSettings>;
