import { describe, expect, it } from 'vitest';
import { gapsOf, lineValue, nearest, pauseAllowed, pointOf, reading, silences, valueAt, withReading } from './points';
import type { Point, Series } from './points';
import { randomly } from './randomly.test-help';

const every = (ms: number, count: number, from = 0): Point[] =>
  Array.from({ length: count }, (_, index) => reading(from + index * ms, index % 7));
const raw = (points: Point[]): Series => ({ key: 'a', kind: 'SMOKE', step: 0, points });

describe('a point', () => {
  it('is a reading with its status, or a step with its numbers', () => {
    const time = '2026-11-23T10:00:00.500Z';
    const at = Date.parse(time);
    expect(pointOf({ time, value: 7, kind: 'SMOKE', status: 'normal' })).toEqual(reading(at, 7, 'normal'));
    const bucket = { time, count: 3, min: 1, max: 9, mean: 5, last: 4 };
    expect(pointOf(bucket)).toEqual({ at, count: 3, min: 1, max: 9, mean: 5, last: 4 });
  });

  it('of a flame or a motion shows what is worst, and never only a mean', () => {
    const point = { at: 0, count: 100, min: 0, max: 1, mean: 0.99, last: 1 };
    expect(lineValue('FIRE', point)).toBe(0);
    expect(lineValue('MOTION', point)).toBe(1);
    expect(lineValue('SMOKE', point)).toBe(0.99);
  });
});

describe('readings that come', () => {
  it('grow their step as if it had been asked for with them', () => {
    randomly((next) => {
      const step = 1_000;
      const readings = every(next(400) + 1, 60, next(5_000)).map(({ at }) => reading(at, next(256)));
      const grown = readings.reduce<Point[]>((points, one) => withReading(points, step, one), []);
      const starts = [...new Set(readings.map(({ at }) => Math.floor(at / step) * step))];
      expect(grown.map(({ at }) => at)).toEqual(starts);
      for (const point of grown) {
        const within = readings.filter(({ at }) => at >= point.at && at < point.at + step).map(({ last }) => last);
        expect(point.count).toBe(within.length);
        expect(point.min).toBe(Math.min(...within));
        expect(point.max).toBe(Math.max(...within));
        expect(point.last).toBe(within.at(-1));
        expect(point.mean).toBeCloseTo(within.reduce((sum, value) => sum + value, 0) / within.length);
      }
    });
  });

  it('stand for themselves where there are no steps', () => {
    const points = every(2_000, 3);
    const told = reading(6_000, 9, 'normal');
    expect(withReading(points, 0, told)).toEqual([...points, told]);
  });
});

describe('gaps', () => {
  it('are none in a steady beat, however slow it is', () => {
    for (const beat of [100, 2_000, 20_000, 3_600_000]) expect(gapsOf(raw(every(beat, 50)))).toEqual([]);
  });

  it('are none as long as a node is not late', () => {
    const points = [...every(2_000, 20), ...every(2_000, 20, 38_000 + 10_000)];
    expect(gapsOf(raw(points))).toEqual([]);
  });

  it('are where single readings are farther apart than a few beats', () => {
    const points = [...every(2_000, 20), ...every(2_000, 20, 60_000)];
    expect(gapsOf(raw(points))).toEqual([{ from: 38_000, to: 60_000 }]);
  });

  it('are where a step is missing, and only there', () => {
    randomly((next) => {
      const step = 60_000;
      const all = every(step, 200);
      const missing = new Set(Array.from({ length: 8 }, () => 1 + next(198)));
      const points = all.filter((_, index) => !missing.has(index));
      const silent = new Set<number>();
      for (const { from, to } of gapsOf({ points, step })) {
        for (let at = from; at < to; at += step) silent.add(at / step);
      }
      expect([...silent].sort((a, b) => a - b)).toEqual([...missing].sort((a, b) => a - b));
    });
  });

  it('are not every second step where a sensor speaks more rarely than the steps are long', () => {
    const step = 5_000;
    const points = every(20_000, 100);
    expect(gapsOf({ points, step })).toEqual([]);
    const broken = points.filter((_, index) => index < 40 || index > 50);
    expect(gapsOf({ points: broken, step })).toHaveLength(1);
  });

  it('are also at both ends of what is shown', () => {
    const series = raw(every(2_000, 10, 100_000));
    expect(silences(series, { from: 0, to: 200_000 })).toEqual([
      { from: 0, to: 100_000 },
      { from: 118_000, to: 200_000 },
    ]);
    expect(silences(series, { from: 95_000, to: 120_000 })).toEqual([]);
    expect(silences(raw([]), { from: 1, to: 2 })).toEqual([{ from: 1, to: 2 }]);
  });
});

describe('the value at a moment', () => {
  it('is that of the nearest point', () => {
    randomly((next) => {
      const times = [...new Set(Array.from({ length: 30 }, () => next(10_000)))].sort((a, b) => a - b);
      const series = raw(times.map((at) => reading(at, at % 256)));
      const at = next(12_000) - 1_000;
      const shortest = Math.min(...times.map((time) => Math.abs(time - at)));
      expect(Math.abs(nearest(series, at)!.at - at)).toBe(shortest);
    });
  });

  it('is none within a gap', () => {
    const series = raw([...every(2_000, 20), ...every(2_000, 20, 600_000)]);
    expect(pauseAllowed(series)).toBe(10_000);
    expect(valueAt(series, 300_000)).toBeUndefined();
    expect(valueAt(series, 38_500)?.at).toBe(38_000);
  });

  it('is that of a step about its middle', () => {
    const series: Series = { key: 'a', kind: 'SMOKE', step: 1_000, points: every(1_000, 5) };
    expect(valueAt(series, 1_900)?.at).toBe(1_000);
    expect(nearest({ ...series, points: [] }, 0)).toBeUndefined();
  });
});
