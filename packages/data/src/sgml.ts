import { fail } from "@seqloom/core";

/** What is read of each record; see the parameters of `data/load-sgml`. Names are in lower case. */
export interface SgmlForm {
  readonly record: string;
  readonly text: readonly string[];
  readonly labels: readonly string[];
}

/** One record of a file. */
export interface SgmlRecord {
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly labels: readonly string[];
}

/**
 * The records of an SGML or XML text, in order. Names of elements and attributes are compared without regard to case; entities
 * are those of XML and HTML, and a document's own are left as they stand, so none can explode.
 * @throws DiagnosticError `sgml-unclosed`, `sgml-nested`
 */
export async function sgmlRecords(text: string, file: string, { record, ...form }: SgmlForm): Promise<SgmlRecord[]> {
  const { Parser } = await import("htmlparser2");
  const records: SgmlRecord[] = [];
  const path: string[] = [];
  let open: { readonly attributes: Record<string, string>; readonly start: number } | null = null;
  let texts = new Map<string, string>();
  let labels: string[] = [];
  const at = (index: number) => ({ file, line: text.slice(0, index).split("\n").length, column: 1 });
  const isLabel = (): boolean =>
    form.labels.length > 0 && form.labels.every((name, i) => path[path.length - form.labels.length + i] === name);
  const parser: InstanceType<typeof Parser> = new Parser(
    {
      onopentag(name, attributes) {
        if (name === record) {
          if (open !== null) {
            throw fail("sgml-nested", `a <${record}> begins inside another`, {
              at: at(parser.startIndex),
              hint: `The one of line ${at(open.start).line} has no end: close it with </${record}>.`,
            });
          }
          open = { attributes, start: parser.startIndex };
          texts = new Map();
          labels = [];
          path.length = 0;
        } else if (open !== null) {
          path.push(name);
          if (isLabel()) labels.push("");
        }
      },
      ontext(data) {
        if (open === null) return;
        for (const name of form.text) if (path.includes(name)) texts.set(name, (texts.get(name) ?? "") + data);
        if (isLabel()) labels[labels.length - 1] += data;
      },
      onclosetag(name, implied) {
        if (open === null) return;
        if (name !== record) {
          path.length = Math.max(path.lastIndexOf(name), 0);
          return;
        }
        if (implied) {
          throw fail("sgml-unclosed", `a <${record}> has no end`, {
            at: at(open.start),
            hint: `Close it with </${record}>; the file may have been cut off.`,
          });
        }
        const parts = form.text.flatMap((one) => texts.get(one)?.trim() ?? []).filter((part) => part !== "");
        records.push({
          attributes: open.attributes,
          text: parts.join("\n\n"),
          labels: labels.map((one) => one.trim()),
        });
        open = null;
      },
    },
    { xmlMode: true, decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.end(text);
  return records;
}
