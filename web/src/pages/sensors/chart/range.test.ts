import { describe, expect, it } from 'vitest';
import {
  panned,
  queryOf,
  RANGE_NAMES,
  rangeOf,
  RANGES,
  smallestStep,
  SPAN_MAX,
  SPAN_MIN,
  stepFor,
  viewOf,
  wholeSteps,
  zoomed,
} from './range';

const NOW = Date.parse('2026-11-23T16:10:07.123Z');
const DAY = 86_400_000;
const MINUTE = 60_000;

describe('a view', () => {
  it('is the last day where nothing is said, or nothing that can be understood', () => {
    for (const query of ['', 'range=nonsense', 'range=24h&from=yesterday&to=2026-11-23', 'from=2026-11-23T00:00:00Z']) {
      expect(viewOf(new URLSearchParams(query))).toEqual({ is: 'latest', name: '24h' });
    }
  });

  it('is the latest where a range ends before it begins', () => {
    const query = new URLSearchParams('range=1h&from=2026-11-23T10:00:00Z&to=2026-11-23T09:00:00Z');
    expect(viewOf(query)).toEqual({ is: 'latest', name: '1h' });
  });

  it('comes back from a query as it went', () => {
    for (const name of RANGE_NAMES) {
      for (const view of [
        { is: 'latest', name } as const,
        { is: 'fixed', name, from: NOW - RANGES[name], to: NOW } as const,
      ]) {
        const query = Object.entries(queryOf(view)).filter(([, value]) => value !== null) as [string, string][];
        expect(viewOf(new URLSearchParams(query))).toEqual(view);
      }
    }
  });

  it('that is the latest ends now', () => {
    expect(rangeOf({ is: 'latest', name: '1h' }, NOW)).toEqual({ from: NOW - 3_600_000, to: NOW });
  });
});

describe('zooming and panning', () => {
  const range = { from: NOW - DAY, to: NOW - DAY / 2 };

  it('keeps what is under the cursor where it is', () => {
    const about = range.from + DAY / 8;
    const closer = zoomed(range, 0.5, NOW, about);
    expect(closer.to - closer.from).toBe(DAY / 4);
    expect((about - closer.from) / (closer.to - closer.from)).toBeCloseTo(0.25);
  });

  it('shows neither less than ten seconds nor more than twenty years', () => {
    let closer = range;
    let farther = range;
    for (let times = 0; times < 50; times += 1) {
      closer = zoomed(closer, 0.5, NOW);
      farther = zoomed(farther, 2, NOW);
    }
    expect(closer.to - closer.from).toBe(SPAN_MIN);
    expect(farther.to - farther.from).toBe(SPAN_MAX);
  });

  it('never shows the future', () => {
    expect(panned(range, 5, NOW)).toEqual({ from: NOW - DAY / 2, to: NOW });
    expect(zoomed(range, 4, NOW).to).toBe(NOW);
  });

  it('goes back by as much as it is told', () => {
    expect(panned(range, -0.5, NOW)).toEqual({ from: range.from - DAY / 4, to: range.to - DAY / 4 });
  });
});

describe('the step', () => {
  it('is none for a few minutes: each reading is shown', () => {
    expect(stepFor(10 * MINUTE)).toBeUndefined();
  });

  it('gives 200 to 1,000 points for every span', () => {
    for (let span = 20 * MINUTE + 1; span < 18 * 365 * DAY; span *= 1.07) {
      const points = span / stepFor(span)!.ms;
      expect(points, `${span / MINUTE} min`).toBeLessThanOrEqual(1_000);
      expect(points, `${span / MINUTE} min`).toBeGreaterThanOrEqual(200);
    }
  });

  it('gives 300 to 1,000 points for the ranges that are offered', () => {
    for (const name of RANGE_NAMES.slice(1)) {
      const points = RANGES[name] / stepFor(RANGES[name])!.ms;
      expect(points, name).toBeGreaterThanOrEqual(300);
      expect(points, name).toBeLessThanOrEqual(1_000);
    }
  });

  it('is of whole minutes from six hours on, for these are summed up already', () => {
    for (const name of RANGE_NAMES.slice(2)) expect(stepFor(RANGES[name])!.ms % MINUTE, name).toBe(0);
  });

  it('is written as the server reads it', () => {
    const units: Record<string, number> = { ms: 1, s: 1_000, m: MINUTE, h: 60 * MINUTE, d: DAY };
    for (let span = 1_000; span < SPAN_MAX; span *= 1.5) {
      const { ms, text } = smallestStep(span);
      const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text)!;
      expect(Number(count) * units[unit!]!).toBe(ms);
    }
  });

  it('begins with a whole minute or hour, and leaves nothing of the range out', () => {
    const range = { from: NOW - DAY, to: NOW };
    const whole = wholeSteps(range, 2 * MINUTE);
    expect(whole.from % (2 * MINUTE)).toBe(0);
    expect(whole.to % (2 * MINUTE)).toBe(0);
    expect(whole.from).toBeLessThanOrEqual(range.from);
    expect(whole.to).toBeGreaterThanOrEqual(range.to);
    expect(whole.to - whole.from).toBeLessThan(DAY + 4 * MINUTE);
  });
});
