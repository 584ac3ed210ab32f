import { describe, expect, it } from 'vitest';
import type { HistoryBucket } from '../../api/types';
import { rangeStart, SPAN_MS, sparkOf, STEP_MS } from './spark';

const FROM = rangeStart(Date.parse('2026-03-29T14:03:07.250Z'));
const bucket = (step: number, min: number, max = min): HistoryBucket => ({
  time: new Date(FROM + step * STEP_MS).toISOString(),
  count: 1,
  min,
  max,
  mean: (min + max) / 2,
  last: max,
});

describe('the last 24 hours', () => {
  it('begin with a whole step', () => {
    expect(FROM % STEP_MS).toBe(0);
    expect(Date.parse('2026-03-29T14:03:07.250Z') - FROM).toBeGreaterThanOrEqual(SPAN_MS);
  });

  it('have a line for each time without a gap', () => {
    const spark = sparkOf([bucket(0, 10), bucket(1, 20), bucket(5, 30), bucket(6, 30)], FROM);
    expect(spark).toMatchObject({ min: 10, max: 30, gaps: 1 });
    expect(spark?.lines).toHaveLength(2);
    expect(spark?.bands).toHaveLength(2);
  });

  it('show a single step, and a value that never changes in the middle', () => {
    expect(sparkOf([bucket(0, 7)], FROM)?.lines).toEqual(['M0 0.5H0.0035']);
  });

  it('span from the lowest to the highest', () => {
    const spark = sparkOf([bucket(0, 0, 100)], FROM);
    expect(spark?.bands).toEqual(['M0 0H0.0035L0.0035 1H0Z']);
  });

  it('are nothing where nothing was said', () => {
    expect(sparkOf([], FROM)).toBeUndefined();
  });
});
