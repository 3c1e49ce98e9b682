/** @file The text that a reader of an HTML page sees, much as the DOM's `innerText` gives it. */

/** Elements whose content is no text of the page. */
const HIDDEN = new Set(
  "script style template noscript head title iframe object svg math canvas audio video datalist select textarea".split(
    " ",
  ),
);
/** Elements that have neither content nor an end. */
const VOID = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));
/** Elements that stand on lines of their own; of those in PARAGRAPHS an empty line is around. */
const BLOCKS = new Set(
  (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody tfoot thead tr ul"
  ).split(" "),
);
const PARAGRAPHS = new Set("blockquote figure h1 h2 h3 h4 h5 h6 ol p pre table ul".split(" "));
const CELLS = new Set(["td", "th"]);
/** Elements that end where the next of their name begins. */
const IMPLIED = new Set("p li dt dd td th tr option".split(" "));

/** What to do with the parts of a page that are no running text. */
export interface HtmlOptions {
  /** Whether the text that stands for a picture is part of the text. */
  readonly alt: "keep" | "drop";
  /** Whether the title of the page is its first line. */
  readonly title: "keep" | "drop";
}

/**
 * A function from HTML to its visible text. Blocks stand on lines of their own, cells of a table are parted by tabs, runs of
 * white space are one space but for `<pre>`; references to characters are decoded. Every text is taken, however broken, in
 * time linear in its length: no tree is built, and a document cannot define entities.
 */
export async function htmlReader(options: HtmlOptions): Promise<(html: string) => string> {
  const { Tokenizer } = await import("htmlparser2");
  return (html) => {
    const page = new Page(html, options);
    const tokenizer = new Tokenizer({ decodeEntities: true }, page);
    tokenizer.write(html);
    tokenizer.end();
    return page.text();
  };
}

/** Listens to the tokens of a page. */
class Page {
  readonly #html: string;
  readonly #options: HtmlOptions;
  readonly #lines = new Lines();
  #name = "";
  #attribute = "";
  #value = "";
  #attributes = new Map<string, string>();
  /** The element whose content is left out, and how many of its name are open. */
  #skipped = "";
  #depth = 0;
  #pre = 0;
  #titles = 0;

  constructor(html: string, options: HtmlOptions) {
    this.#html = html;
    this.#options = options;
  }

  text(): string {
    return this.#lines.finish();
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.#html.slice(start, end).toLowerCase();
    this.#attributes = new Map();
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase();
    this.#value = "";
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#html.slice(start, end);
  }

  onattribentity(code: number): void {
    this.#value += String.fromCodePoint(code);
  }

  onattribend(): void {
    this.#attributes.set(this.#attribute, this.#value);
  }

  onselfclosingtag(): void {
    this.onopentagend();
  }

  onopentagend(): void {
    const name = this.#name;
    if (this.#skipped !== "") {
      if (name === "title") this.#openTitle();
      else if (name === this.#skipped && !IMPLIED.has(name)) this.#depth++;
      else if (name === this.#skipped) this.#skipped = "";
      // A page without </head>: its body is visible all the same.
      else if (this.#skipped === "head" && BLOCKS.has(name)) this.#skipped = "";
      if (this.#skipped !== "") return;
    }
    if (name === "br") this.#lines.breakLine();
    else if (name === "tr") this.#lines.row();
    else if (CELLS.has(name)) this.#lines.cell();
    else if (name === "img" && this.#options.alt === "keep")
      this.#lines.write(this.#attributes.get("alt") ?? "", false);
    this.#block(name);
    if (name === "pre") this.#pre++;
    if (name === "title") this.#openTitle();
    if (VOID.has(name) || !this.#isHidden(name)) return;
    this.#skipped = name;
    this.#depth = 1;
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase();
    if (name === "title" && this.#titles > 0) {
      this.#titles--;
      this.#lines.atLeast(2);
    }
    if (this.#skipped !== "") {
      if (name !== this.#skipped) return;
      this.#depth--;
      if (this.#depth === 0) this.#skipped = "";
      return;
    }
    if (name === "pre" && this.#pre > 0) this.#pre--;
    if (name === "p" || BLOCKS.has(name)) this.#block(name);
  }

  ontext(start: number, end: number): void {
    this.#write(this.#html.slice(start, end));
  }

  ontextentity(code: number): void {
    this.#write(String.fromCodePoint(code));
  }

  // Nothing of these is seen.
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #write(text: string): void {
    if (this.#skipped === "" || this.#titles > 0) this.#lines.write(text, this.#pre > 0);
  }

  #openTitle(): void {
    if (this.#options.title === "keep" && (this.#skipped === "head" || this.#skipped === "")) this.#titles = 1;
  }

  #block(name: string): void {
    if (BLOCKS.has(name) && name !== "tr") this.#lines.atLeast(PARAGRAPHS.has(name) ? 2 : 1);
  }

  #isHidden(name: string): boolean {
    if (HIDDEN.has(name) || this.#attributes.has("hidden")) return true;
    return /(?:^|;)\s*display\s*:\s*none/i.test(this.#attributes.get("style") ?? "");
  }
}

const SPACES = /[ \t\n\r\f]+/g;
/** White space that is not one space already. */
const UNEVEN = /[\t\n\r\f]| {2}/;

/** Lines of text with the white space between them. */
class Lines {
  readonly #parts: string[] = [];
  /** Line breaks, or else tabs, or else a space, that the next text needs before it. */
  #breaks = 0;
  #tabs = 0;
  #space = false;
  /** Cells of the row so far, and whether nothing is in the last of them yet. */
  #cells = 0;
  #fresh = false;

  write(text: string, verbatim: boolean): void {
    if (verbatim) {
      this.#open();
      this.#parts.push(text);
      return;
    }
    const plain = UNEVEN.test(text) ? text.replace(SPACES, " ") : text;
    const [start, end] = [Number(plain.startsWith(" ")), plain.length - Number(plain.endsWith(" "))];
    if (start === 1) this.#space = true;
    if (start >= end) return;
    this.#open();
    this.#parts.push(plain.slice(start, end));
    this.#space = end < plain.length;
  }

  atLeast(breaks: number): void {
    // A paragraph that begins a cell does not end the row.
    if (!this.#fresh) this.#breaks = Math.max(this.#breaks, breaks);
    this.#space = false;
  }

  breakLine(): void {
    this.#breaks++;
    this.#space = false;
  }

  row(): void {
    this.#fresh = false;
    this.atLeast(1);
    this.#cells = 0;
    this.#tabs = 0;
  }

  cell(): void {
    if (this.#cells > 0) {
      // Nor does one that ends the cell before.
      if (this.#tabs === 0 && !this.#fresh) this.#breaks = 0;
      this.#tabs++;
    }
    this.#cells++;
    this.#fresh = true;
    this.#space = false;
  }

  finish(): string {
    return this.#parts.join("").trim();
  }

  #open(): void {
    const gap = "\n".repeat(this.#breaks) + "\t".repeat(this.#tabs);
    if (this.#parts.length > 0) this.#parts.push(gap === "" && this.#space ? " " : gap);
    this.#breaks = 0;
    this.#tabs = 0;
    this.#space = false;
    this.#fresh = false;
  }
}
