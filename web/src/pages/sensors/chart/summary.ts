// What is in a chart, for those who cannot see it, and for paper.
import { silences, type Series } from './points';
import type { Range } from './range';

export interface Summary {
  count: number;
  min: number;
  /** When it was first so low. */
  minAt: number;
  max: number;
  maxAt: number;
  /** Of all readings, not of the steps. */
  mean: number;
  last: number;
  lastAt: number;
  /** When nothing was said. */
  gaps: Range[];
  /** How long these are together. */
  silentMs: number;
}

/** Undefined: nothing was said in this range. */
export function summaryOf(series: Series, range: Range): Summary | undefined {
  const { points } = series;
  const final = points.at(-1);
  if (!points[0] || !final) return undefined;
  let [lowest, highest] = [points[0], points[0]];
  let count = 0;
  let sum = 0;
  for (const point of points) {
    if (point.min < lowest.min) lowest = point;
    if (point.max > highest.max) highest = point;
    count += point.count;
    sum += point.mean * point.count;
  }
  const gaps = silences(series, range);
  return {
    count,
    min: lowest.min,
    minAt: lowest.at,
    max: highest.max,
    maxAt: highest.at,
    mean: sum / count,
    last: final.last,
    lastAt: final.at,
    gaps,
    silentMs: gaps.reduce((ms, { from, to }) => ms + to - from, 0),
  };
}

/** As long as data are to be shown at least, in their own unit: a value that hardly moves is a line and no mountain. */
const SPAN_MIN = 10;
const ROOM = 0.08;

/** From which value to which a chart is drawn: all that was said, and the threshold that it comes near to. */
export function scaleOf(low: number, high: number, thresholds: number[]): [number, number] {
  const span = Math.max(high - low, SPAN_MIN);
  const near = thresholds.filter((value) => value > low - span && value < high + span);
  const from = Math.min(low, ...near);
  const to = Math.max(high, ...near);
  const short = Math.max(0, SPAN_MIN - (to - from)) / 2;
  const room = (to - from + 2 * short) * ROOM;
  // A byte is never below 0.
  return [Math.max(from - short - room, Math.min(0, low) - room / 2), to + short + room];
}

/** The shown points as a table for other programs. */
export function csvOf(all: Series[]): string {
  const lines = all.flatMap(({ key, points }) =>
    points.map(({ at, count, min, mean, max, last }) =>
      [new Date(at).toISOString(), key, count, min, Number(mean.toFixed(3)), max, last].join(','),
    ),
  );
  return ['time,ip_id,count,min,mean,max,last', ...lines, ''].join('\n');
}
