import { randomBytes } from "node:crypto";
import type { RunId } from "../brands.js";

/** Crockford's base 32: no I, L, O, U. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A new id, laid out like a ULID: 10 digits of time (milliseconds), 16 of chance. Sorts by time. */
export function createRunId(time: number, chance: Uint8Array = randomBytes(16)): RunId {
  let text = "";
  for (let rest = time, i = 0; i < 10; i++) {
    text = DIGITS[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  for (let i = 0; i < 16; i++) text += DIGITS[chance[i] % 32];
  return text as RunId;
}
