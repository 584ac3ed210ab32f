import { describe, expect, it } from 'vitest';
import { reading, withReading, type Point, type Series } from './points';
import { randomly } from './randomly.test-help';
import { csvOf, scaleOf, summaryOf } from './summary';

const series = (points: Point[], step = 0): Series => ({ key: '10.0.0.1_8', kind: 'SMOKE', step, points });

describe('a summary', () => {
  it('of steps says the same as one of the readings in them', () => {
    randomly((next) => {
      const readings = Array.from({ length: 1 + next(100) }, (_, index) => reading(index * 500, next(256)));
      const values = readings.map(({ last }) => last);
      const steps = readings.reduce<Point[]>((points, one) => withReading(points, 5_000, one), []);
      const range = { from: 0, to: readings.length * 500 };
      for (const summary of [summaryOf(series(readings), range)!, summaryOf(series(steps, 5_000), range)!]) {
        expect(summary.count).toBe(values.length);
        expect(summary.min).toBe(Math.min(...values));
        expect(summary.max).toBe(Math.max(...values));
        expect(summary.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length);
        expect(summary.last).toBe(values.at(-1));
      }
      const summary = summaryOf(series(readings), range)!;
      expect(summary.minAt).toBe(values.indexOf(Math.min(...values)) * 500);
      expect(summary.maxAt).toBe(values.indexOf(Math.max(...values)) * 500);
    });
  });

  it('tells how long nothing was said', () => {
    const points = [0, 2_000, 4_000, 64_000, 66_000].map((at) => reading(at, 1));
    const summary = summaryOf(series(points), { from: 0, to: 126_000 })!;
    // Five readings have four pauses; the longest of them is the usual one of nine in ten.
    expect(summary.gaps).toEqual([]);
    const many = [...points, ...Array.from({ length: 20 }, (_, index) => reading(68_000 + index * 2_000, 1))];
    expect(summaryOf(series(many), { from: 0, to: 166_000 })).toMatchObject({
      gaps: [
        { from: 4_000, to: 64_000 },
        { from: 106_000, to: 166_000 },
      ],
      silentMs: 120_000,
    });
  });

  it('is none of nothing', () => {
    expect(summaryOf(series([]), { from: 0, to: 1 })).toBeUndefined();
  });
});

describe('the scale', () => {
  it('shows all that was said', () => {
    randomly((next) => {
      const low = next(256);
      const high = low + next(256 - low);
      const thresholds = Array.from({ length: next(4) }, () => next(256));
      const [from, to] = scaleOf(low, high, thresholds);
      expect(from).toBeLessThan(low + 1e-9);
      expect(to).toBeGreaterThan(high);
      expect(to - from).toBeGreaterThanOrEqual(5);
    });
  });

  it('goes as far as a threshold that the values come near to, and no farther', () => {
    const [, near] = scaleOf(70, 100, [110, 135]);
    expect(near).toBeGreaterThan(110);
    expect(near).toBeLessThan(145);
    const [, far] = scaleOf(60, 66, [110, 135]);
    expect(far).toBeLessThan(80);
  });
});

describe('a table for other programs', () => {
  it('has a line for each point', () => {
    const at = Date.parse('2026-11-23T10:00:00Z');
    const points = [reading(at, 7), { at: at + 1_000, count: 3, min: 1, max: 4, mean: 7 / 3, last: 2 }];
    expect(csvOf([series(points)])).toBe(
      'time,ip_id,count,min,mean,max,last\n' +
        '2026-11-23T10:00:00.000Z,10.0.0.1_8,1,7,7,7,7\n' +
        '2026-11-23T10:00:01.000Z,10.0.0.1_8,3,1,2.333,4,2\n',
    );
  });
});
