// Which rows of a long list are there at all: those that are seen, and a few around them.

export interface Window {
  /** The first row, and the first after the last. */
  from: number;
  to: number;
}

/** Rows beyond both ends, so that scrolling and the keyboard find something. */
const AROUND = 8;
/** The window moves in steps, so that scrolling a little changes nothing. */
const STEP = 4;

/** `above`: how much of the list is above what is seen; `height`: how much is seen. */
export function windowOf(above: number, height: number, rowHeight: number, count: number): Window {
  const first = Math.max(0, above) / rowHeight - AROUND;
  const last = Math.max(0, above + height) / rowHeight + AROUND;
  const clamp = (row: number) => Math.min(count, Math.max(0, row));
  return { from: clamp(Math.floor(first / STEP) * STEP), to: clamp(Math.ceil(last / STEP) * STEP) };
}
