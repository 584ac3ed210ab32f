// Which rows are shown, in which order. Work for thousands of rows, which is done in pieces, so that a page answers meanwhile.
import type { Choice } from './choice';
import type { Shape } from './columns';

interface Ranked {
  key: string;
  by: string | number | undefined;
}

/** Rows that are looked at, or put in order, between two breaths. */
const PIECE = 500;

/** Whether values that change all the time decide which rows are shown, or where. */
export function isLive<T>({ sort, facets }: Choice, shape: Shape<T>): boolean {
  return (
    shape.columns.some((column) => column.id === sort && column.live === true) ||
    facets.some(([id]) => shape.facets.some((facet) => facet.id === id && facet.live === true))
  );
}

/** The keys of the rows that are shown. Rows that are alike stay in the order in which they came. */
export function* ordered<T>(rows: readonly T[], choice: Choice, shape: Shape<T>): Generator<void, string[]> {
  const isShown = filter(choice, shape);
  const column = shape.columns.find(({ id }) => id === choice.sort);
  const by = column?.by ?? column?.text;
  const ranked: Ranked[] = [];
  for (const [index, row] of rows.entries()) {
    if (index % PIECE === PIECE - 1) yield;
    if (!isShown(row)) continue;
    const value = by?.(row);
    ranked.push({ key: shape.key(row), by: typeof value === 'string' ? natural(value) : value });
  }
  const sorted = by ? yield* mergeSorted(ranked, compare(choice.isDescending ? -1 : 1)) : ranked;
  return sorted.map(({ key }) => key);
}

function filter<T>({ search, facets }: Choice, shape: Shape<T>): (row: T) => boolean {
  const chosen = facets.flatMap(([id, value]) => {
    const facet = shape.facets.find((one) => one.id === id);
    return facet ? [(row: T) => facet.has(row, value)] : [];
  });
  return (row) => {
    if (shape.where?.(row) === false || !chosen.every((has) => has(row))) return false;
    if (search.length === 0) return true;
    const words = shape.words(row).toLowerCase();
    return search.every((word) => words.includes(word));
  };
}

/** Numbers within a text count as numbers: `10.0.0.9` comes before `10.0.0.10`; letters with accents stay with their like. */
export function natural(text: string): string {
  const plain = text.normalize('NFKD').toLowerCase();
  return plain.replace(/\d+/g, (digits) => digits.padStart(6, '0'));
}

/** What has no value is last, up and down. */
function compare(direction: 1 | -1): (a: Ranked, b: Ranked) => number {
  return ({ by: a }, { by: b }) => {
    if (a === b) return 0;
    if (a === undefined || a === '') return b === undefined || b === '' ? 0 : 1;
    if (b === undefined || b === '') return -1;
    return a < b ? -direction : direction;
  };
}

/** The browser's own sorting of many rows could not be interrupted. */
function* mergeSorted<T>(all: T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  let from: T[] = [];
  for (let at = 0; at < all.length; at += PIECE) {
    from.push(...all.slice(at, at + PIECE).sort(compare));
    yield;
  }
  for (let width = PIECE; width < from.length; width *= 2) {
    const to: T[] = [];
    for (let at = 0; at < from.length; at += 2 * width) {
      const [middle, end] = [Math.min(at + width, from.length), Math.min(at + 2 * width, from.length)];
      for (let left = at, right = middle; left < middle || right < end;) {
        const takesLeft = right >= end || (left < middle && compare(from[left]!, from[right]!) <= 0);
        to.push(from[takesLeft ? left++ : right++]!);
        if (to.length % (4 * PIECE) === 0) yield;
      }
    }
    from = to;
  }
  return from;
}
