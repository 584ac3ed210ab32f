/** Rows beyond those that can be seen, so that none is missing while somebody scrolls. */
const MORE = 12;
/** The window moves by so many rows, and not for each. */
const STEP = 6;

export interface Window {
  from: number;
  to: number;
}

/** Which rows have to be there. `above`: how much of the rows is above what can be seen, in pixels. */
export function windowOf(above: number, seen: number, rowHeight: number, count: number): Window {
  if (rowHeight <= 0) return { from: 0, to: Math.min(count, 2 * MORE) };
  const first = Math.floor(above / rowHeight / STEP) * STEP;
  const length = Math.ceil(seen / rowHeight / STEP) * STEP;
  const from = Math.min(Math.max(0, first - MORE), Math.max(0, count - 1));
  return { from, to: Math.min(count, Math.max(from, first + length + STEP + MORE)) };
}
