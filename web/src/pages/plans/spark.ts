// The last 24 hours of a sensor as lines, with gaps as gaps.
import type { HistoryBucket } from '../../api/types';

export const STEP_MS = 300_000;
export const SPAN_MS = 86_400_000;

export interface Spark {
  /** Paths through a box of 1 by 1: what the values were on average, */
  lines: string[];
  /** and between what they were. */
  bands: string[];
  min: number;
  max: number;
  /** How many times it fell silent and spoke again. */
  gaps: number;
}

/** Where the range begins: a whole step, for which the server has figures at hand. */
export function rangeStart(now: number): number {
  return Math.floor((now - SPAN_MS) / STEP_MS) * STEP_MS;
}

/** Nothing, where nothing was said. */
export function sparkOf(buckets: HistoryBucket[], from: number): Spark | undefined {
  if (buckets.length === 0) return undefined;
  const min = Math.min(...buckets.map((bucket) => bucket.min));
  const max = Math.max(...buckets.map((bucket) => bucket.max));
  // A value that never changes is a line in the middle.
  const [low, high] = min === max ? [min - 1, max + 1] : [min, max];
  const x = (time: string, after = 0) => round((Date.parse(time) - from + after) / (SPAN_MS + STEP_MS));
  const y = (value: number) => round(1 - (value - low) / (high - low));
  const pieces = unbroken(buckets);
  return {
    // A step takes its whole width, so that even one alone is seen.
    lines: pieces.map((piece) => {
      const points = piece.map(({ time, mean }) => `${x(time)} ${y(mean)}H${x(time, STEP_MS)}`);
      return `M${points.join('L')}`;
    }),
    bands: pieces.map((piece) => {
      const above = piece.map((bucket) => `${x(bucket.time)} ${y(bucket.max)}H${x(bucket.time, STEP_MS)}`);
      const below = piece.toReversed().map((bucket) => `${x(bucket.time, STEP_MS)} ${y(bucket.min)}H${x(bucket.time)}`);
      return `M${[...above, ...below].join('L')}Z`;
    }),
    min,
    max,
    gaps: pieces.length - 1,
  };
}

/** Steps that follow each other without one left out. */
function unbroken(buckets: HistoryBucket[]): HistoryBucket[][] {
  const pieces: HistoryBucket[][] = [];
  let last = -Infinity;
  for (const bucket of buckets) {
    const time = Date.parse(bucket.time);
    if (time - last > 1.5 * STEP_MS) pieces.push([]);
    pieces.at(-1)?.push(bucket);
    last = time;
  }
  return pieces;
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;
