import { type Column, type ColumnOf, type Columns, type ColumnType, rowsOf } from "./columns.js";
import { selectRows } from "./select.js";

/** The value of the `split` column that a row may have. */
export type Split = "train" | "validation" | "test";

/**
 * A columnar table, immutable: every method gives a new dataset that shares the columns it did not touch.
 * `C` lists the columns that are known at compile time; others may be there too.
 */
export class Dataset<out C extends Columns = Columns> {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;

  private constructor(rows: number, columns: ReadonlyMap<string, Column>) {
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * A dataset of the given columns. `rows` is needed only when there is no column, or only columns of width 0.
   * @throws RangeError when columns have different numbers of rows.
   */
  static of<C extends Columns = Columns>(
    columns: { readonly [N in keyof C]: ColumnOf<C[N]> } | Iterable<readonly [string, Column]>,
    rows?: number,
  ): Dataset<C> {
    const entries: Iterable<readonly [string, Column]> =
      Symbol.iterator in columns
        ? (columns as Iterable<readonly [string, Column]>)
        : Object.entries(columns as Record<string, Column>);
    const map = new Map(entries);
    let count = rows ?? -1;
    for (const [name, column] of map) {
      if ((column.type === "padded" || column.type === "vector") && column.width === 0) continue;
      const own = rowsOf(column);
      if (count >= 0 && own !== count) {
        throw new RangeError(`column "${name}" has ${own} rows where the dataset has ${count}`);
      }
      count = own;
    }
    return new Dataset<C>(Math.max(count, 0), map);
  }

  /** Whether there is a column of this name (and of this type, if one is given). */
  has(name: string, type?: ColumnType): boolean {
    const column = this.columns.get(name);
    return column !== undefined && (type === undefined || column.type === type);
  }

  /**
   * The column of this name.
   * @throws RangeError when it is not there: the plan checks ports, so a stage that declares its columns never meets this.
   */
  column<N extends keyof C & string>(name: N): ColumnOf<C[N]> {
    const column = this.columns.get(name);
    if (column === undefined) {
      throw new RangeError(`no column "${name}"; there are: ${[...this.columns.keys()].join(", ") || "none"}`);
    }
    return column as ColumnOf<C[N]>;
  }

  /** This dataset with these columns added or replaced. Order of columns: kept, new ones last. */
  with<D extends Columns>(columns: { readonly [N in keyof D]: ColumnOf<D[N]> }): Dataset<Omit<C, keyof D> & D> {
    const map = new Map<string, Column>(this.columns);
    for (const [name, column] of Object.entries(columns as Record<string, Column>)) map.set(name, column);
    return Dataset.of<Omit<C, keyof D> & D>(map, this.columns.size === 0 ? undefined : this.rows);
  }

  /** This dataset without the columns named. */
  without(...names: readonly string[]): Dataset {
    return Dataset.of(
      [...this.columns].filter(([name]) => !names.includes(name)),
      this.rows,
    );
  }

  /** This dataset with columns renamed: `names` maps old to new; a name that is not there is passed over. */
  renamed(names: ReadonlyMap<string, string>): Dataset {
    if (names.size === 0) return this as unknown as Dataset;
    return Dataset.of(
      [...this.columns].map(([name, column]) => [names.get(name) ?? name, column] as const),
      this.rows,
    );
  }

  /** The rows at these places, in this order. */
  select(rows: Int32Array): Dataset<C> {
    return Dataset.of<C>(
      [...this.columns].map(([name, column]) => [name, selectRows(column, rows)] as const),
      rows.length,
    );
  }

  /** Rows `start … end` (end not included). */
  slice(start: number, end = this.rows): Dataset<C> {
    const from = Math.min(Math.max(start, 0), this.rows);
    const length = Math.max(Math.min(end, this.rows) - from, 0);
    return this.select(Int32Array.from({ length }, (_, i) => from + i));
  }

  /** The places of the rows of one split. Without a `split` column every row is a `train` row. */
  rowsOfSplit(split: Split): Int32Array {
    const column = this.columns.get("split");
    if (column === undefined) return Int32Array.from({ length: split === "train" ? this.rows : 0 }, (_, i) => i);
    if (column.type !== "label") throw new RangeError(`column "split" is ${column.type}, not label`);
    const wanted = column.dictionary.indexOf(split);
    const rows: number[] = [];
    for (let row = 0; row < column.indices.length; row++) if (column.indices[row] === wanted) rows.push(row);
    return wanted < 0 ? new Int32Array(0) : Int32Array.from(rows);
  }

  /** The rows of one split, in order. */
  ofSplit(split: Split): Dataset<C> {
    return this.select(this.rowsOfSplit(split));
  }
}
