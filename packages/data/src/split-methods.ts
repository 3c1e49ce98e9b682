/** @file Which rows are held out: each method gives the places of the rows of validation and of test; the rest is train. */
import { didYouMean, fail, type LabelColumn, type Random } from "@seqloom/core";
import { apportion } from "./splits.js";

/** Places among the rows to split. */
export interface HeldOut {
  readonly validation: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

/** How many rows validation and test shall have. */
export interface Wanted {
  readonly validation: number;
  readonly test: number;
}

/** Any row as likely as any other. */
export function heldOutAtRandom(rows: number, { validation, test }: Wanted, random: Random): HeldOut {
  const order = random.permutation(rows);
  return { validation: order.subarray(0, validation), test: order.subarray(validation, validation + test) };
}

/** The last rows are test, those before them validation. */
export function heldOutLast(rows: number, { validation, test }: Wanted): HeldOut {
  const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);
  return { validation: range(rows - test - validation, rows - test), test: range(rows - test, rows) };
}

/**
 * The same share of each class, to within one row; the totals are exact. A class of one row stays in train, where it can
 * be learned.
 */
export function heldOutByClass(classes: Int32Array, wanted: Wanted, random: Random): HeldOut {
  const members = [...placesBy(classes).values()].map((places) => shuffled(places, random));
  const splittable = members.filter((places) => places.length > 1);
  const counts = splittable.map((places) => places.length);
  const most = counts.reduce((all, count) => all + count, 0);
  if (wanted.validation + wanted.test > most) {
    throw fail(
      "split-too-few",
      `${wanted.validation + wanted.test} rows to hold out, ${most} in classes of two or more`,
      {
        hint: "Hold out less, or set method: random.",
      },
    );
  }
  const test = apportion(wanted.test, counts);
  const validation = apportion(
    wanted.validation,
    counts.map((count, i) => count - test[i]),
  );
  return {
    test: splittable.flatMap((places, i) => places.slice(0, test[i])),
    validation: splittable.flatMap((places, i) => places.slice(test[i], test[i] + validation[i])),
  };
}

/** Whole groups only, in random order, as near to the sizes wanted as they come. A row without a group is one of its own. */
export function heldOutByGroup(groups: Int32Array, wanted: Wanted, random: Random): HeldOut {
  const loose = [...groups.keys()].filter((place) => groups[place] < 0).map((place) => [place]);
  const known = placesBy(groups);
  known.delete(-1);
  const members = shuffled([...known.values(), ...loose], random);
  const bin = (size: number) => ({ size, rows: 0, groups: [] as number[][] });
  const [test, validation, train] = [bin(wanted.test), bin(wanted.validation), bin(Number.POSITIVE_INFINITY)];
  const bins = [test, validation, train].filter(({ size }) => size > 0);
  if (members.length < bins.length) {
    throw fail("split-too-few", `${members.length} groups for ${bins.length} splits: a group is never divided`, {
      hint: "Hold out less, or set method: random.",
    });
  }
  for (const places of members) {
    // Where it brings the size nearer to what is wanted; train takes the rest.
    const nearest = bins.find(({ size, rows }) => rows + places.length / 2 <= size) ?? train;
    nearest.groups.push(places);
    nearest.rows += places.length;
  }
  for (const empty of bins.filter(({ groups }) => groups.length === 0)) {
    const donor = bins.reduce((most, one) => (one.groups.length > most.groups.length ? one : most));
    const smallest = donor.groups.reduce((least, one) => (one.length < least.length ? one : least));
    donor.groups.splice(donor.groups.indexOf(smallest), 1);
    empty.groups.push(smallest);
  }
  return { test: test.groups.flat(), validation: validation.groups.flat() };
}

/**
 * The groups of these names.
 * @throws DiagnosticError `group-unknown`; `split-too-few` when no group is left to train on.
 */
export function heldOutByName(
  groups: Int32Array,
  dictionary: readonly string[],
  names: { readonly validation?: readonly string[] | undefined; readonly test?: readonly string[] | undefined },
): HeldOut {
  const places = placesBy(groups);
  const there = dictionary.filter((_, index) => places.has(index));
  const of = (wanted: readonly string[] = []): number[] =>
    wanted.flatMap((name) => {
      const own = places.get(dictionary.indexOf(name));
      if (own !== undefined && dictionary.includes(name)) return own;
      throw fail("group-unknown", `none of the rows to split is of group "${name}"`, {
        hint: didYouMean(name, there, "group"),
      });
    });
  const held = { validation: of(names.validation), test: of(names.test) };
  if (held.validation.length + held.test.length < groups.length) return held;
  throw fail("split-too-few", "all groups are held out: none is left for train", { hint: "Name fewer groups." });
}

/** The places of each value, values in order of first appearance. */
function placesBy(values: Int32Array): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [place, value] of values.entries()) {
    const known = places.get(value);
    if (known === undefined) places.set(value, [place]);
    else known.push(place);
  }
  return places;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return Array.from(random.permutation(items.length), (place) => items[place]);
}

/** The classes with one row only, by name. */
export function singletons(classes: Int32Array, column: LabelColumn): string[] {
  return [...placesBy(classes)].flatMap(([index, places]) =>
    places.length === 1 && index >= 0 ? [column.dictionary[index]] : [],
  );
}
