import { time } from '../times';

const DAY = new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'medium' });

/** Where there is little room: the time of today, or the day, if it is longer ago. */
export function recent(at: string, now = new Date()): string {
  const isToday = new Date(at).toDateString() === now.toDateString();
  return isToday ? time(at) : DAY.format(new Date(at));
}
