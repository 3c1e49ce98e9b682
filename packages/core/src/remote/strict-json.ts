/** Nesting that no file of ours comes near. */
const DEEPEST = 100;

/** Says what is wrong with something that came from elsewhere. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/**
 * JSON that someone else wrote: parsed, and looked through for what JavaScript would take for more than data.
 * @throws Malformed when it is no JSON, is nested deeper than 100, or has a key `__proto__`.
 */
export function strictJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed(`${what} is no JSON`);
  }
  inspect(value, 0, what);
  return value;
}

function inspect(value: unknown, depth: number, what: string): void {
  if (typeof value !== "object" || value === null) return;
  if (depth === DEEPEST) throw new Malformed(`${what} is nested deeper than ${DEEPEST} levels`);
  if (Object.hasOwn(value, "__proto__")) throw new Malformed(`${what} has a key "__proto__"`);
  for (const item of Object.values(value)) inspect(item, depth + 1, what);
}

/** A mapping, and no list. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** SHA-256 in hexadecimal: names become paths and addresses, so nothing else may pass. */
export function isSha256(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}
