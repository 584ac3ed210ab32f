// Which rows of a long list are there at all: those that are seen, and a few around them.

export interface Window {
  /** The first row, and the first after the last. */
  from: number;
  to: number;
}

/** Rows beyond both ends, so that scrolling and the keyboard find something. */
const AROUND = 8;
/** So many rows are made at each end between two frames: more of them would hold up the scrolling. */
export const AT_ONCE = 4;
/** The window moves in steps, so that scrolling a little changes nothing. */
const STEP = 4;

/** `above`: how much of the list is above what is seen; `height`: how much is seen. */
export function windowOf(above: number, height: number, rowHeight: number, count: number): Window {
  const first = Math.max(0, above) / rowHeight - AROUND;
  const last = Math.max(0, above + height) / rowHeight + AROUND;
  const clamp = (row: number) => Math.min(count, Math.max(0, row));
  return { from: clamp(Math.floor(first / STEP) * STEP), to: clamp(Math.ceil(last / STEP) * STEP) };
}

/** The next step from the rows that are there to those that are wanted. Whoever has jumped far sees what is before them first. */
export function towards(there: Window, wanted: Window): Window {
  if (wanted.to - wanted.from <= AT_ONCE || there.to === there.from) return wanted;
  if (there.to <= wanted.from || there.from >= wanted.to) {
    const from = wanted.from === 0 ? 0 : Math.min(wanted.from + AROUND, wanted.to);
    return { from, to: Math.max(from, wanted.to - AROUND) };
  }
  return {
    from: Math.max(wanted.from, there.from - AT_ONCE),
    to: Math.min(wanted.to, there.to + AT_ONCE),
  };
}
