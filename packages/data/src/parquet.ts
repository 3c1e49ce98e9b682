/** @file Rows of Parquet files, as JSON would have them. */
import { fail, type Json } from "@seqloom/core";

/** Rows `start … end` of a file, which are stored together. */
export interface RowGroup {
  readonly start: number;
  readonly end: number;
}

/**
 * The groups of rows of a file; empty ones are left out. Only the end of the file is read.
 * @throws DiagnosticError `file-parquet` when it is none, or damaged
 */
export async function parquetGroups(path: string, name: string): Promise<RowGroup[]> {
  const { asyncBufferFromFile, parquetMetadataAsync } = await import("hyparquet");
  const file = await asyncBufferFromFile(path);
  const { row_groups } = await readable(name, () => parquetMetadataAsync(file));
  let start = 0;
  return row_groups
    .map(({ num_rows }) => {
      const group = { start, end: start + Number(num_rows) };
      start = group.end;
      return group;
    })
    .filter((group) => group.end > group.start);
}

/**
 * The rows `start … end` with the columns that these fields need: all there are where a name is none, so that what is missing
 * can be told. Times become ISO 8601, bytes numbers, and whole numbers of 64 bits numbers, or text where these are too small.
 */
export async function parquetRows(
  path: string,
  name: string,
  fields: readonly string[],
  start: number,
  end: number,
): Promise<Json[]> {
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema }, { compressors }] =
    await Promise.all([import("hyparquet"), import("hyparquet-compressors")]);
  const file = await asyncBufferFromFile(path);
  const rows = await readable(name, async () => {
    const metadata = await parquetMetadataAsync(file);
    const there = parquetSchema(metadata).children.map(({ element }) => element.name);
    const wanted = there.filter((column) => fields.some((field) => field === column || field.startsWith(`${column}.`)));
    const isMissing = fields.some((field) => !there.includes(field) && !there.includes(field.split(".", 1)[0]));
    const columns = isMissing ? there : wanted;
    return parquetReadObjects({ file, metadata, columns, compressors, rowStart: start, rowEnd: end });
  });
  return rows.map(plain);
}

async function readable<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw fail("file-parquet", `"${name}" cannot be read as Parquet: ${(error as Error).message}`, {
      hint: "The file is of another kind, cut short or damaged: copy or download it again.",
    });
  }
}

function plain(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  return value as Json;
}
