/** Why a text is not JSON, in words that do not depend on the JavaScript engine, and where: an offset from 0. */
export interface JsonFault {
  readonly message: string;
  readonly offset: number;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/** Rows are never nested so deep; each level is a call. */
const DEEPEST = 500;

/** The first fault of a text that `JSON.parse` refused (RFC 8259). */
export function jsonFault(text: string): JsonFault {
  let at = 0;
  let depth = 0;
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const wrong = (expected: string, offset = at): JsonFault => ({
    message: `${offset < text.length ? `"${String.fromCodePoint(text.codePointAt(offset)!)}"` : "the end"} where ${expected} is expected`,
    offset,
  });
  const string = (): JsonFault | undefined => {
    const start = at;
    match(STRING);
    if (text[at] === '"') {
      at++;
      return undefined;
    }
    return at < text.length
      ? {
          message: text[at] === "\\" ? "an escape that JSON does not know" : "a control character in a string",
          offset: at,
        }
      : { message: "a string that never closes", offset: start };
  };
  /** Items between brackets, `item` after `item`, parted by commas. */
  const items = (close: string, item: () => JsonFault | undefined): JsonFault | undefined => {
    if (++depth > DEEPEST) return { message: `values that are nested deeper than ${DEEPEST} levels`, offset: at };
    at++;
    match(SPACE);
    if (text[at] === close) {
      at++;
      depth--;
      return undefined;
    }
    for (;;) {
      match(SPACE);
      const fault = item();
      if (fault !== undefined) return fault;
      match(SPACE);
      if (text[at] !== "," && text[at] !== close) return wrong(`"," or "${close}"`);
      if (text[at++] === close) {
        depth--;
        return undefined;
      }
    }
  };
  const member = (): JsonFault | undefined => {
    if (text[at] !== '"') return wrong('a name in "quotes"');
    const fault = string();
    if (fault !== undefined) return fault;
    match(SPACE);
    if (text[at] !== ":") return wrong('":"');
    at++;
    return value();
  };
  const value = (): JsonFault | undefined => {
    match(SPACE);
    if (text[at] === '"') return string();
    if (text[at] === "{") return items("}", member);
    if (text[at] === "[") return items("]", value);
    return match(SCALAR) ? undefined : wrong("a value");
  };
  const fault = value();
  if (fault !== undefined) return fault;
  match(SPACE);
  return wrong("the end of the line");
}
