import { type IdsColumn, NAMED_PLACES, type SparseColumn, type TokensColumn } from "@seqloom/core";

/** See the parameter `value` of `text/bag-of-words`. */
export type CountValue = "count" | "present";

/**
 * How often each id occurs in each row, as sparse vectors as wide as the ids' vocabulary. A row costs what it holds: its
 * ids are counted in one array, of which only the places that were touched are read and cleaned.
 */
export function countIds({ values: ids, offsets, size }: IdsColumn, value: CountValue): SparseColumn {
  const counts = new Float32Array(size);
  const touched = new Int32Array(ids.length);
  const values = new Float32Array(ids.length);
  const starts = new Int32Array(offsets.length);
  let end = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const start = end;
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      const id = ids[at];
      if (counts[id]++ === 0) touched[end++] = id;
    }
    sortPlaces(touched, start, end);
    for (let at = start; at < end; at++) {
      values[at] = value === "count" ? counts[touched[at]] : 1;
      counts[touched[at]] = 0;
    }
    starts[row + 1] = end;
  }
  return {
    type: "sparse",
    values: values.slice(0, end),
    columns: touched.slice(0, end),
    offsets: starts,
    width: size,
  };
}

/** The column with names for its places, where these are not too many. */
export function named(column: SparseColumn, names: readonly string[]): SparseColumn {
  return names.length > NAMED_PLACES ? column : { ...column, names };
}

/** In how many rows each form of the dictionary occurs. */
export function rowsOfForms({ dictionary, indices, offsets }: TokensColumn): Int32Array {
  const rows = new Int32Array(dictionary.length);
  const last = new Int32Array(dictionary.length).fill(-1);
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      const form = indices[at];
      if (last[form] === row) continue;
      last[form] = row;
      rows[form]++;
    }
  }
  return rows;
}

const FEW = 24;

/** By insertion where there are few, as in a tweet: a call of the library's sort costs more than that. */
function sortPlaces(places: Int32Array, start: number, end: number): void {
  if (end - start > FEW) {
    places.subarray(start, end).sort();
    return;
  }
  for (let i = start + 1; i < end; i++) {
    const place = places[i];
    let at = i;
    while (at > start && places[at - 1] > place) {
      places[at] = places[at - 1];
      at--;
    }
    places[at] = place;
  }
}
