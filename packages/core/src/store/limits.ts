import { statfsSync } from "node:fs";
import { fail } from "../diagnostics/diagnostic.js";
import { parseJson } from "./entry.js";
import { readText, type Store } from "./store.js";

/** How large a store may get, and what stays whatever its size. */
export interface Limits {
  /** Bytes; null: no limit. */
  readonly maxBytes: number | null;
  /** Results of so many last runs of every pipeline stay. */
  readonly keepRuns: number;
}

const GB = 1e9;
const DEFAULT_BYTES = 20 * GB;
/** Share of the disk's free space, that of the store included, so that a store that grows does not lower its own limit. */
const SHARE = 0.1;
const KEEP_RUNS = 5;

/**
 * The limits of a store: `SEQLOOM_CACHE_SIZE`; else `config.json` of the store, `{ "max_size": "50 GB", "keep_runs": 5 }`;
 * else 20 GB, or a tenth of the disk's free space where that is less.
 * @throws DiagnosticError `bad-size`, `bad-store-config`.
 */
export function limitsOf(
  store: Store,
  stored: number,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Limits {
  const { max_size: size, keep_runs: keepRuns = KEEP_RUNS } = configOf(store);
  const wanted = environment.SEQLOOM_CACHE_SIZE;
  if (wanted !== undefined && wanted !== "") return { maxBytes: parseSize(wanted, "SEQLOOM_CACHE_SIZE"), keepRuns };
  if (size !== undefined) return { maxBytes: parseSize(size, `max_size in ${store.path("config.json")}`), keepRuns };
  return { maxBytes: Math.min(DEFAULT_BYTES, SHARE * (freeBytes(store) + stored)), keepRuns };
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/**
 * Bytes from `20 GB`, `500MB`, `1.5 GiB` or a plain number; null from `off`.
 * @throws DiagnosticError `bad-size`.
 */
export function parseSize(text: string, where: string): number | null {
  if (text.trim().toLowerCase() === "off") return null;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match === null ? undefined : UNITS[match[2].toUpperCase() || "B"];
  if (match === null || unit === undefined) {
    throw fail("bad-size", `${where} is "${text}", which is no size`, {
      hint: "Write a number with a unit, such as 20GB, 500MB or 1.5GiB; or off, for no limit.",
    });
  }
  return Number(match[1]) * unit;
}

interface Config {
  readonly max_size?: string;
  readonly keep_runs?: number;
}

function configOf(store: Store): Config {
  const path = store.path("config.json");
  const text = readText(path);
  if (text === null) return {};
  const config = parseJson(text) as Readonly<Record<string, unknown>> | null;
  const wrong = (what: string) =>
    fail("bad-store-config", `${path}: ${what}`, { hint: 'For example: { "max_size": "50 GB", "keep_runs": 5 }' });
  if (config === null || Array.isArray(config)) throw wrong("is no JSON object");
  const { max_size: size, keep_runs: runs, ...rest } = config;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(`there is no setting "${unknown}"`);
  if (size !== undefined && typeof size !== "string") throw wrong("max_size must be a text such as 50 GB");
  if (runs !== undefined && (!Number.isInteger(runs) || (runs as number) < 1)) {
    throw wrong("keep_runs must be a whole number from 1");
  }
  return config as Config;
}

function freeBytes(store: Store): number {
  try {
    const { bavail, bsize } = statfsSync(store.directory);
    return bavail * bsize;
  } catch {
    return DEFAULT_BYTES / SHARE;
  }
}
