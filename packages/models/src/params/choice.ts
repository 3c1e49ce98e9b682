import { didYouMean } from "@seqloom/core";
import { z } from "zod";

/** What may be chosen between: the schema of the parameters of each name. */
type Options = Readonly<Record<string, z.ZodType>>;

/** A parsed choice: an object with exactly one of the keys. */
export type Choice<O extends Options> = { readonly [N in keyof O]?: z.output<O[N]> | undefined };

/**
 * The schema of "one of these, with its own parameters", as YAML writes it: `{lstm: {units: 32}}`, or the bare name
 * where defaults do: `flatten`. An object with optional keys rather than a union, so that an error has the exact path.
 */
export function choice<const O extends Options>(noun: string, options: O): z.ZodType<Choice<O>> {
  const names = Object.keys(options);
  const shape = Object.fromEntries(Object.entries(options).map(([name, schema]) => [name, schema.optional()]));
  const object = z.strictObject(shape, { error: `a ${noun} is a name, or an object with its name as the only key` });
  const written = (value: unknown, context: z.core.$RefinementCtx): unknown => {
    if (value === null || Array.isArray(value) || !(typeof value === "object" || typeof value === "string"))
      return value;
    const entries: [string, unknown][] = typeof value === "string" ? [[value, {}]] : Object.entries(value);
    if (entries.length !== 1) {
      const found = entries.length === 0 ? "none" : entries.map(([key]) => key).join(", ");
      context.addIssue({ code: "custom", message: `a ${noun} has exactly one key, its name; received ${found}` });
      return z.NEVER;
    }
    const [[name, params]] = entries;
    if (!names.includes(name)) {
      // The name is the key of a mapping, or the whole value: that is what to underline.
      const at = typeof value === "string" ? { path: [] } : { path: [name], part: "key" };
      context.addIssue({
        code: "custom",
        path: at.path,
        message: `there is no ${noun} "${name}"`,
        params: { code: `unknown-${noun.replaceAll(" ", "-")}`, hint: didYouMean(name, names, noun), ...at },
      });
      return z.NEVER;
    }
    // `- flatten:` in YAML is a key without a value.
    return { [name]: params ?? {} };
  };
  const schema = z.preprocess(written, object).meta({ type: ["object", "string"], minProperties: 1, maxProperties: 1 });
  return schema as unknown as z.ZodType<Choice<O>>;
}

/** The name that was chosen, and its parameters. */
export function chosen(value: Readonly<Record<string, unknown>>): readonly [name: string, params: unknown] {
  const entry = Object.entries(value).find(([, params]) => params !== undefined);
  if (entry === undefined) throw new Error("a choice without a key: it was not parsed");
  return entry;
}
