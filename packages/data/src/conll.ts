/** @file Sentences with a token on each line, as CoNLL's shared tasks and Universal Dependencies write them. */
import { fail } from "@seqloom/core";

/** The columns of CoNLL-U (universaldependencies.org/format.html), by name. */
export const CONLLU_COLUMNS = [
  "id",
  "form",
  "lemma",
  "upos",
  "xpos",
  "feats",
  "head",
  "deprel",
  "deps",
  "misc",
] as const;

/** How to read a file. */
export interface ConllForm {
  /** In `conllu`, lines that begin with # are comments, and words of several tokens and empty nodes are passed over. */
  readonly format: "columns" | "conllu";
  readonly separator: "whitespace" | "tab";
  /** Places of the columns from 0; -1 is the last. */
  readonly token: number;
  readonly tag: number;
}

/** A sentence: as many tags as tokens; null where the file says `_`, "none", in CoNLL-U. */
export interface ConllSentence {
  readonly tokens: readonly string[];
  readonly tags: readonly (string | null)[];
}

/**
 * The sentences of a file. Empty lines part them; `-DOCSTART-` lines are passed over.
 * @throws DiagnosticError `conll-columns` for a line with too few columns.
 */
export function* conllSentences(text: string, name: string, form: ConllForm): Generator<ConllSentence> {
  const isUniversal = form.format === "conllu";
  const splitter = isUniversal || form.separator === "tab" ? "\t" : /[ \t]+/;
  let tokens: string[] = [];
  let tags: (string | null)[] = [];
  for (const [at, line] of `${text}\n`.split(/\r?\n/).entries()) {
    if (line.trim() === "") {
      if (tokens.length > 0) yield { tokens, tags };
      [tokens, tags] = [[], []];
      continue;
    }
    if (isUniversal ? line.startsWith("#") : line.startsWith("-DOCSTART-")) continue;
    const cells = (splitter === "\t" ? line : line.trim()).split(splitter);
    if (isUniversal && !/^\d+$/.test(cells[0])) continue;
    const [token, tag] = [form.token, form.tag].map((place) => cells[place < 0 ? cells.length + place : place]);
    if (token === undefined || tag === undefined || cells.length < 2) throw tooFew(name, at + 1, cells.length, form);
    tokens.push(token);
    tags.push(isUniversal && tag === "_" ? null : tag);
  }
}

function tooFew(file: string, line: number, found: number, { token, tag, format, separator }: ConllForm): Error {
  const wanted = Math.max(token, tag, 1) + 1;
  const message = `line ${line} of ${file} has ${found} column${found === 1 ? "" : "s"}, ${wanted} are wanted`;
  const by = format === "conllu" ? "tabs" : separator === "tab" ? "tabs (`separator: tab`)" : "spaces or tabs";
  return fail("conll-columns", message, {
    hint: `Columns are parted by ${by}, sentences by empty lines. Mend the line, or say where token and tag are with \`token\` and \`tags\`.`,
    at: { file, line, column: 1 },
  });
}
