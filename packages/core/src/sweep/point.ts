import type { Json } from "../json.js";
import { canonicalText } from "../keys/canonical.js";
import { sha256 } from "../keys/record.js";
import type { Assignment, Point } from "./matrix.js";

/** Longer values are named by the beginning of their digest. */
const LONGEST = 32;
const DIGITS = 8;

/** The point with these values; its label has them in this order. */
export function pointOf(values: Assignment): Point {
  const label = Object.entries(values).map(([name, value]) => `${name}=${valueText(value)}`);
  return { id: sha256(canonicalText(values)).slice(0, DIGITS), label: label.join(","), values };
}

/** A value in a label, on one line, as YAML would read it back; `#` and a digest where it is long or could not be read. */
export function valueText(value: Json): string {
  const plain = typeof value === "string" && /^[\p{L}_][\p{L}\p{N}_./ -]*$/u.test(value) && !RESERVED.test(value);
  const text = plain ? value : JSON.stringify(value);
  return text.length > LONGEST || UNSEEN.test(text) ? `#${sha256(canonicalText(value)).slice(0, DIGITS)}` : text;
}

/** Characters that are no part of a line that people read. JSON leaves some of them as they are. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Words that YAML does not read as text. */
const RESERVED = /^(true|false|null)$/i;

/** Whether two values are the same: 1 and 1.0 are, 1 and "1" are not. */
export function sameValue(a: Json, b: Json): boolean {
  return (
    a === b || (typeof a === typeof b && typeof a === "object" && sha256(canonicalText(a)) === sha256(canonicalText(b)))
  );
}

/** Whether a point has all of these values. */
export function matches(values: Assignment, wanted: Assignment): boolean {
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(values, name) && sameValue(values[name], value));
}
