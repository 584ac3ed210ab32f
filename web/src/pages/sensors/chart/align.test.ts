import { describe, expect, it } from 'vitest';
import type { SensorKind } from '../../../api/types';
import { aligned } from './align';
import { gapsOf, lineValue, placeOf, reading, type Series } from './points';
import { randomly } from './randomly.test-help';

const KINDS: SensorKind[] = ['FIRE', 'SMOKE', 'TEMPERATURE', 'WATER'];

describe('several sensors over one row of moments', () => {
  it('have each of their points at its moment, a break in each gap, and else nothing', () => {
    randomly((next) => {
      const all: Series[] = Array.from({ length: 1 + next(4) }, (_, index) => {
        const step = next(2) * 1_000;
        let at = next(3_000) * 1_000;
        const points = Array.from({ length: next(40) }, () => {
          at += (1 + (next(10) === 0 ? next(60) : 0)) * (step || 1_000 + next(500));
          return {
            ...reading(step ? Math.floor(at / step) * step : at, next(256)),
            min: next(100),
            max: 100 + next(100),
          };
        });
        return { key: String(index), kind: KINDS[next(4)]!, step, points };
      });
      const { times, columns } = aligned(all);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      all.forEach((series, at) => {
        const { line, low, high } = columns[at]!;
        const gaps = gapsOf(series);
        const points = new Map(series.points.map((point) => [placeOf(series, point), point]));
        const breaks = times.filter((time, row) => !points.has(time) && line[row] === null);
        expect(breaks.length).toBe(gaps.length);
        const naive = times.map((time) => {
          const point = points.get(time);
          if (point) return [lineValue(series.kind, point), point.min, point.max];
          return breaks.includes(time) ? [null, null, null] : [undefined, undefined, undefined];
        });
        expect(times.map((_, row) => [line[row], low[row], high[row]])).toEqual(naive);
        // Each gap is broken after the point before it, and before the one after it.
        for (const gap of gaps) {
          const row = times.findIndex((time, index) => line[index] === null && time >= gap.from);
          const after = series.points.find((point) => point.at >= gap.to)!;
          expect(times[row]!).toBeLessThanOrEqual(placeOf(series, after));
        }
      });
    });
  });

  it('are nothing where there are none', () => {
    expect(aligned([])).toEqual({ times: [], columns: [] });
  });
});
