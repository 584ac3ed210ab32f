import { describe, expect, it } from 'vitest';
import type { Event, Status } from '../../../api/types';
import { alarmMarks, statusMarks, statusOf, together } from './marks';
import { reading, type Point } from './points';
import { randomly } from './randomly.test-help';
import { meanings } from './rules';

const of = meanings('SMOKE', [
  { from: 160, to: 255, status: 'warning' },
  { from: 200, to: 255, status: 'critical' },
]);
const series = (points: Point[], step = 0) => ({ key: 'a', kind: 'SMOKE' as const, step, points });

describe('what a point means', () => {
  it('is what the server said of a reading, whatever the rules say now', () => {
    expect(statusOf(reading(0, 220, 'normal'), of)).toEqual({ status: 'normal', value: 220 });
  });

  it('is the worst of a step', () => {
    const point = { at: 0, count: 9, min: 100, max: 170, mean: 110, last: 100 };
    expect(statusOf(point, of)).toEqual({ status: 'warning', value: 170 });
    const low = meanings('FIRE', [{ from: 0, to: 0, status: 'critical' }]);
    expect(statusOf({ ...point, min: 0, max: 1 }, low)).toEqual({ status: 'critical', value: 0 });
  });
});

describe('marks', () => {
  it('are where the status changes, and tell from what to what', () => {
    randomly((next) => {
      const points = Array.from({ length: 40 }, (_, index) => reading(index * 1_000, 120 + next(130)));
      const naive: [number, Status, Status][] = [];
      for (let index = 1; index < points.length; index += 1) {
        const [from, to] = [of[points[index - 1]!.last]!, of[points[index]!.last]!];
        if (from !== to) naive.push([index * 1_000, from, to]);
      }
      expect(statusMarks(series(points), of).map(({ at, from, to }) => [at, from, to])).toEqual(naive);
    });
  });

  it('are none for what was so from the beginning', () => {
    expect(statusMarks(series([reading(0, 250), reading(1_000, 251)]), of)).toEqual([]);
    expect(statusMarks(series([]), of)).toEqual([]);
  });

  it('stand where the chart has the point of a step', () => {
    const point = (at: number, max: number) => ({ at, count: 2, min: 100, max, mean: 110, last: 100 });
    expect(statusMarks(series([point(0, 110), point(60_000, 210)], 60_000), of)).toEqual([
      { is: 'status', at: 90_000, from: 'normal', to: 'critical', value: 210 },
    ]);
  });

  it('of alarms are those that were raised or ended', () => {
    const event = (seq: number, kind: Event['kind'], value: Event['class'] = 'alarm') =>
      ({ seq, kind, class: value, rule: 'smoke', text: `${seq}`, received: `2026-11-23T10:00:0${seq}Z` }) as Event;
    const marks = alarmMarks([
      event(1, 'alarm.raised'),
      event(2, 'alarm.acknowledged'),
      event(3, 'alarm.returned'),
      event(4, 'alarm.reset'),
      event(5, 'alarm.raised', null),
    ]);
    expect(marks.map(({ seq, raised }) => [seq, raised])).toEqual([
      [1, true],
      [3, false],
      [4, false],
    ]);
    const status = { is: 'status', at: marks[1]!.at - 1, from: 'normal', to: 'warning', value: 1 } as const;
    expect(together(marks, [status])[1]).toBe(status);
  });
});
