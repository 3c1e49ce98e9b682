/** HTML that is safe to insert: made by {@link html} or, for trusted markup only, by {@link trusted}. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

/** What may stand in a `${…}` of {@link html}: nothing for null, undefined and false; lists are joined. */
export type Insert = Html | string | number | null | undefined | false | readonly Insert[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The text with every character that HTML and XML give a meaning to written as an entity, and control characters shown as such. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]).replace(CONTROL, visible);
}

// Control characters, halves of surrogate pairs and non-characters: a browser drops or changes them; a reader should see
// that they are there.
const CONTROL = /[^\P{Cc}\t\n\r]|\p{Cs}|[\ufffe\uffff]/gu;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
}

/** A template of markup. Every inserted string is escaped; only {@link Html} goes in as it is. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  let markup = parts[0];
  for (let i = 0; i < inserts.length; i++) markup += text(inserts[i]) + parts[i + 1];
  return new Html(markup);
}

/** Marks markup as safe. Only for what this package or a library made, never for data. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** A name that a browser may break after its underscores, hyphens, dots and slashes, so that a column need not be as wide as its heading. */
export function breakable(name: string): Html {
  return new Html(escapeHtml(name).replace(/[_./-]+(?=[^_./-])/g, "$&<wbr>"));
}

function text(insert: Insert): string {
  if (insert === null || insert === undefined || insert === false) return "";
  if (insert instanceof Html) return insert.markup;
  if (typeof insert === "string") return escapeHtml(insert);
  if (typeof insert === "number") return String(insert);
  return insert.map(text).join("");
}

/** An id for an anchor: letters, digits and hyphens; anything else as its code, so that two names never meet. */
export function anchor(prefix: string, name: string): string {
  return `${prefix}-${name.replace(/[^A-Za-z0-9-]/g, (character) => `_${character.codePointAt(0)?.toString(16)}_`)}`;
}
