// Moments along the axis of a chart, in the viewer's zone.

const LANGUAGE = document.documentElement.lang || 'en';
const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(LANGUAGE, { hourCycle: 'h23', ...options });
const SECONDS = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MINUTES = format({ hour: '2-digit', minute: '2-digit' });
const DAYS = format({ month: 'short', day: 'numeric' });
const MONTHS = format({ month: 'short', year: 'numeric' });

const MINUTE = 60_000;
const DAY = 86_400_000;
const MONTH = 28 * DAY;

/** What is written at the marks of the axis, which are so far apart. The day is told where it begins, and at the first mark. */
export function axisWords(marks: number[], apart: number): string[] {
  if (apart >= MONTH) return marks.map((at) => MONTHS.format(at));
  if (apart >= DAY) return marks.map((at) => DAYS.format(at));
  const clock = apart >= MINUTE ? MINUTES : SECONDS;
  return marks.map((at, index) => {
    const before = marks[index - 1];
    const isNewDay = before === undefined || new Date(before).getDate() !== new Date(at).getDate();
    return isNewDay ? `${clock.format(at)}\n${DAYS.format(at)}` : clock.format(at);
  });
}

/** A moment as fields of forms have it, in the viewer's zone: `2026-11-23T16:10`. */
export function localField(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16);
}
