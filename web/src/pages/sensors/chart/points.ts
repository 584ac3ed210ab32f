// What a sensor said, as a chart shows it.
import type { HistoryBucket, HistoryItem, SensorKind, Status } from '../../../api/types';
import type { Range } from './range';

/** A reading, or all readings of a step. */
export interface Point {
  /** When it was, or when the step begins, in milliseconds. */
  at: number;
  count: number;
  min: number;
  max: number;
  mean: number;
  last: number;
  /** What a single reading meant by the rules of its time. */
  status?: Status;
}

export interface Series {
  key: string;
  kind: SensorKind;
  /** As long as each step is, in milliseconds; 0: the points are single readings. */
  step: number;
  /** By time. */
  points: Point[];
}

export function pointOf(item: HistoryItem | HistoryBucket): Point {
  const at = Date.parse(item.time);
  if ('count' in item) {
    const { count, min, max, mean, last } = item;
    return { at, count, min, max, mean, last };
  }
  return reading(at, item.value, item.status);
}

export function reading(at: number, value: number, status?: Status): Point {
  const point = { at, count: 1, min: value, max: value, mean: value, last: value };
  return status ? { ...point, status } : point;
}

/** The points with a reading that has just come: within its step, where there are steps. */
export function withReading(points: Point[], step: number, told: Point): Point[] {
  if (step === 0) return [...points, told];
  const at = Math.floor(told.at / step) * step;
  const begun = points.at(-1);
  if (begun?.at !== at) return [...points, { ...told, at }];
  const { last } = told;
  const count = begun.count + 1;
  const mean = begun.mean + (last - begun.mean) / count;
  const grown = { at, count, mean, last, min: Math.min(begun.min, last), max: Math.max(begun.max, last) };
  return [...points.slice(0, -1), grown];
}

/** Single readings may be so far apart and still belong together: a node that says nothing for longer is late. */
const LATE_MS = 10_000;
/** And so many of the sensor's usual pauses, as a node that speaks less often is given. */
const PAUSES = 3;

/** How far apart two points may be before there is a gap between them. */
export function pauseAllowed({ points, step }: Pick<Series, 'points' | 'step'>): number {
  const pauses = points.slice(1).map((point, index) => point.at - points[index]!.at);
  pauses.sort((a, b) => a - b);
  // Nine of ten are no longer: an outage does not make itself usual, and a slow sensor is not all gaps.
  const usual = pauses[Math.floor(pauses.length * 0.9)] ?? 0;
  if (step > 0) return usual <= step ? step : PAUSES * usual;
  return Math.max(LATE_MS, PAUSES * usual);
}

/** When a sensor said nothing between two points. A step without a reading is one where there is usually one. */
export function gapsOf(series: Pick<Series, 'points' | 'step'>): Range[] {
  const { points, step } = series;
  const allowed = pauseAllowed(series);
  return points.slice(1).flatMap((point, index) => {
    const before = points[index]!;
    return point.at - before.at > allowed ? [{ from: before.at + step, to: point.at }] : [];
  });
}

/** The same with what is missing at both ends of a range. */
export function silences(series: Pick<Series, 'points' | 'step'>, range: Range): Range[] {
  const { points, step } = series;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return [range];
  const allowed = pauseAllowed(series);
  const ends = last.at + step;
  const before = first.at - range.from > allowed ? [{ from: range.from, to: first.at }] : [];
  const after = range.to - ends > allowed ? [{ from: ends, to: range.to }] : [];
  return [...before, ...gapsOf(series), ...after];
}

/** These are there or not. */
export function isSwitch(kind: SensorKind): boolean {
  return kind === 'FIRE' || kind === 'MOTION';
}

/** These hold their value until the next one is told: their line is made of steps. */
export function isStepped(kind: SensorKind): boolean {
  return isSwitch(kind) || kind === 'WATER';
}

/** What the line shows of a point. A single flame within a day must not vanish in the day's mean. */
export function lineValue(kind: SensorKind, point: Point): number {
  if (kind === 'FIRE') return point.min;
  return kind === 'MOTION' ? point.max : point.mean;
}

/** Where a point is in the chart: a mean is that of its whole step. */
export function placeOf({ kind, step }: Pick<Series, 'kind' | 'step'>, point: Point): number {
  return isStepped(kind) ? point.at : point.at + step / 2;
}

/** The point that is nearest to a moment. */
export function nearest(series: Series, at: number): Point | undefined {
  const { points } = series;
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placeOf(series, points[middle]!) < at) low = middle + 1;
    else high = middle;
  }
  const after = points[low];
  const before = points[low - 1];
  if (!before || !after) return after ?? before;
  return placeOf(series, after) - at < at - placeOf(series, before) ? after : before;
}

/** The same, unless the sensor said nothing then. */
export function valueAt(series: Series, at: number, allowed = pauseAllowed(series)): Point | undefined {
  const point = nearest(series, at);
  return point && Math.abs(placeOf(series, point) - at) <= allowed ? point : undefined;
}
