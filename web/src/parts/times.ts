// Times as people read them, in the zone of whoever looks.

type Moment = string | number | Date;

const LANGUAGE = document.documentElement.lang || 'en';
const DATE_TIME = new Intl.DateTimeFormat(LANGUAGE, {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const TIME = new Intl.DateTimeFormat(LANGUAGE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const ZONE = new Intl.DateTimeFormat(LANGUAGE, { timeZoneName: 'short' });

/** The zone that times are shown in, as it is called then and there: `CET`, `GMT+5:30`. */
export const zoneAt = (at: Moment) =>
  ZONE.formatToParts(new Date(at)).find(({ type }) => type === 'timeZoneName')?.value ?? zone;

/** Its whole name: `Europe/Berlin`. */
export const zone = DATE_TIME.resolvedOptions().timeZone;

export const dateTime = (at: Moment) => DATE_TIME.format(new Date(at));
export const time = (at: Moment) => TIME.format(new Date(at));

/** How long something takes or has taken, in its two largest units: `3 d 4 h`, `12 min 5 s`. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  const parts: [number, string][] = [
    [Math.floor(s / 86_400), 'd'],
    [Math.floor(s / 3_600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
