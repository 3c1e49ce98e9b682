import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fail } from "../diagnostics/diagnostic.js";
import type { Store } from "../store/store.js";
import { RemoteCache } from "./cache.js";
import { FolderStorage } from "./folder.js";
import { HttpStorage } from "./http.js";
import { readProjectSettings } from "./project-file.js";
import type { CacheSettings } from "./settings.js";
import { openSigner, type Signer, Trust } from "./signature.js";
import type { RemoteStorage } from "./storage.js";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What was asked for in a call; the environment and the project's file say the rest. */
export interface RemoteRequest {
  /** The folder of the pipeline: where the project's file is looked for. */
  readonly directory: string;
  /** An address that goes before all others. */
  readonly address?: string | undefined;
  readonly environment?: Environment | undefined;
}

/**
 * Opens the remote cache that a call, the environment (`SEQLOOM_CACHE_REMOTE`) or `seqloom.config.yaml` names, in this
 * order; null when none does. Nothing is sent yet.
 * @throws DiagnosticError `remote-address`, `remote-credentials`, `cache-key`, or what is wrong with the file.
 */
export async function openRemoteCache(store: Store, request: RemoteRequest): Promise<RemoteCache | null> {
  const environment = request.environment ?? process.env;
  const project = readProjectSettings(request.directory);
  const named = request.address ?? (environment.SEQLOOM_CACHE_REMOTE || undefined);
  const address = named ?? project.cache.remote;
  if (address === undefined) return null;
  // Paths in the file are relative to it; those in a call to the working directory.
  const base = named === undefined ? project.directory : process.cwd();
  const { cache: settings } = project;
  const storage = await openStorage(address, base, settings, environment);
  return new RemoteCache(storage, store, {
    trust: new Trust([...settings.trust, ...words(environment.SEQLOOM_CACHE_TRUST)]),
    write: mayWrite(settings, environment) ? { signer: signerOf(settings, environment) } : null,
    timeout: settings.timeout_seconds * 1000,
    flush: settings.flush_seconds * 1000,
    maxResultBytes: settings.max_result_bytes,
  });
}

/**
 * The keys that a folder trusts: those of its project's file and of `SEQLOOM_CACHE_TRUST`.
 * @throws DiagnosticError `cache-key`, or what is wrong with the file.
 */
export function trustFor(directory: string, environment: Environment = process.env): Trust {
  return new Trust([...readProjectSettings(directory).cache.trust, ...words(environment.SEQLOOM_CACHE_TRUST)]);
}

/** The signer of a folder, where the environment holds its private key; null otherwise. @throws as {@link trustFor} */
export function signerFor(directory: string, environment: Environment = process.env): Signer | null {
  return signerOf(readProjectSettings(directory).cache, environment);
}

function mayWrite({ mode }: CacheSettings, { SEQLOOM_CACHE_WRITE: write }: Environment): boolean {
  if (write === undefined || write === "") return mode === "read-write";
  if (write === "0" || write === "1") return write === "1";
  throw fail("remote-address", `SEQLOOM_CACHE_WRITE is "${write}", expected 0 or 1`, {
    hint: "1: results are published to the remote cache. 0: they are not.",
  });
}

function signerOf({ sign_env: variable }: CacheSettings, environment: Environment): Signer | null {
  const key = environment[variable];
  return key === undefined || key === "" ? null : openSigner(key, variable);
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/[\s,]+/).filter((word) => word !== "");
}

async function openStorage(
  address: string,
  base: string,
  settings: CacheSettings,
  environment: Environment,
): Promise<RemoteStorage> {
  if (!/^[A-Za-z][A-Za-z0-9+.-]+:/.test(address)) {
    return new FolderStorage(isAbsolute(address) ? address : resolve(base, address));
  }
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url !== null && (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")) {
    throw fail("remote-address", "the address of a remote cache holds a name, a password or a query", {
      hint: "Addresses are written into records. Put the token into SEQLOOM_CACHE_TOKEN, or into the variable that token_env names.",
    });
  }
  switch (url?.protocol) {
    case "file:":
      return new FolderStorage(fileURLToPath(url));
    case "http:":
    case "https:":
      return new HttpStorage(url.href.replace(/\/+$/, ""), tokenOf(settings, environment));
    case "s3:":
      return openBucket(url, settings, environment);
    default:
      throw fail("remote-address", `"${address}" is no address of a remote cache`, {
        hint: "It begins with https://, http://, s3:// or file://, or is the path of a folder.",
      });
  }
}

function tokenOf({ token_env: variable }: CacheSettings, environment: Environment) {
  const token = environment[variable];
  if (token === undefined || token === "") return async ({ headers }: Headed) => headers;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw fail("remote-credentials", `the token in ${variable} holds a space, or what is no ASCII`, {
      hint: `Set it without spaces and line ends: export ${variable}="$(cat token.txt)"`,
    });
  }
  return async ({ headers }: Headed) => ({ ...headers, authorization: `Bearer ${token}` });
}

interface Headed {
  readonly headers: Readonly<Record<string, string>>;
}

async function openBucket(url: URL, { s3 }: CacheSettings, environment: Environment): Promise<RemoteStorage> {
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, "");
  if (!/^[a-z0-9][a-z0-9.-]{1,62}$/.test(url.hostname) || !/^[A-Za-z0-9/_.-]*$/.test(prefix) || prefix.includes("..")) {
    throw fail("remote-address", `"${url.href}" is no address of a bucket`, {
      hint: "For example: s3://my-bucket/seqloom. A prefix has letters, digits, `/`, `_`, `.` and `-`.",
    });
  }
  const value = (variable: string): string => {
    const found = environment[variable];
    if (found !== undefined && found !== "") return found;
    throw fail("remote-credentials", `the variable ${variable} is not set, which a bucket needs`, {
      hint: "Set it, or name another one in seqloom.config.yaml under cache.s3.",
    });
  };
  const { openS3 } = await import("./s3.js");
  return openS3({
    bucket: url.hostname,
    prefix,
    region: s3.region,
    endpoint: s3.endpoint?.replace(/\/+$/, "") ?? null,
    accessKeyId: value(s3.access_key_env),
    secretAccessKey: value(s3.secret_key_env),
    sessionToken: environment[s3.session_token_env] || null,
  });
}
