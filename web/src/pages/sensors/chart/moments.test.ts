import { describe, expect, it } from 'vitest';
import { axisWords, localField } from './moments';

const at = (day: number, hour: number, minute = 0, second = 0) =>
  new Date(2026, 10, day, hour, minute, second).getTime();

describe('the axis', () => {
  it('tells the day at its first mark and where another begins', () => {
    const marks = [at(22, 16), at(22, 20), at(23, 0), at(23, 4)];
    expect(axisWords(marks, 4 * 3_600_000)).toEqual(['16:00\nNov 22', '20:00', '00:00\nNov 23', '04:00']);
  });

  it('tells seconds, days or months, as the marks are apart', () => {
    expect(axisWords([at(22, 16), at(22, 16, 0, 15)], 15_000)).toEqual(['16:00:00\nNov 22', '16:00:15']);
    expect(axisWords([at(22, 0), at(23, 0)], 86_400_000)).toEqual(['Nov 22', 'Nov 23']);
    expect(axisWords([at(1, 0)], 30 * 86_400_000)).toEqual(['Nov 2026']);
  });
});

it('a moment in a field comes back as it was', () => {
  const moment = at(23, 9, 41);
  expect(localField(moment)).toBe('2026-11-23T09:41');
  expect(new Date(localField(moment)).getTime()).toBe(moment);
});
