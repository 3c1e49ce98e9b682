/**
 * A deeply frozen copy of plain data, as JSON would give it back, so that what is compiled now and what the memo of
 * compiled pipelines holds have the same keys: what is undefined is absent, -0 is 0, numbers that are none are null. What
 * is frozen already is not copied: only this function freezes.
 */
export function frozen<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((item) => copy(item === undefined ? null : item)));
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const inner = (value as Readonly<Record<string, unknown>>)[name];
    if (inner !== undefined) result[name] = copy(inner);
  }
  return Object.freeze(result);
}
