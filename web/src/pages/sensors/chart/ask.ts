// Asks the server for what sensors said, until it has told all of it.
import { call } from '../../../api/call';
import type { Event } from '../../../api/types';
import { pointOf, type Point } from './points';
import { smallestStep, stepFor, wholeSteps, type Range, type Step } from './range';

export interface Told {
  /** In milliseconds; 0: single readings. */
  step: number;
  points: Map<string, Point[]>;
}

interface How {
  signal: AbortSignal;
  /** Is told how much has come, each time that the server needs another turn. */
  progress: (points: number) => void;
}

/** More single readings of a sensor than these are shown in steps, however short the range is. */
export const READINGS_MAX = 20_000;

export async function askHistory(keys: string[], range: Range, how: How): Promise<Told> {
  const span = range.to - range.from;
  const step = stepFor(span);
  const readings = step ? undefined : await askReadings(keys, range, how);
  return readings ?? askSteps(keys, range, step ?? smallestStep(span), how);
}

/** Undefined: there are too many. */
async function askReadings(keys: string[], { from, to }: Range, { signal, progress }: How): Promise<Told | undefined> {
  const points = new Map<string, Point[]>(keys.map((key) => [key, []]));
  const one = async (key: string): Promise<boolean> => {
    const told = points.get(key)!;
    for (let after: string | undefined; ;) {
      const query = { from: String(from), to: String(to), limit: READINGS_MAX, ...(after && { after }) };
      const page = await call('GET /api/v1/history/{ip_id}', { path: { ip_id: key }, query, signal });
      told.push(...page.items.map(pointOf));
      if (page.next === null) return true;
      if (told.length >= READINGS_MAX) return false;
      after = page.next;
      progress(sum(points));
    }
  };
  const areWhole = await Promise.all(keys.map(one));
  return areWhole.every(Boolean) ? { step: 0, points } : undefined;
}

async function askSteps(keys: string[], range: Range, step: Step, { signal, progress }: How): Promise<Told> {
  const points = new Map<string, Point[]>(keys.map((key) => [key, []]));
  const { from, to } = wholeSteps(range, step.ms);
  for (let after: string | undefined; ;) {
    const query = { sensor: keys, from: String(from), to: String(to), step: step.text, ...(after && { after }) };
    const page = await call('GET /api/v1/history', { query, signal });
    for (const { ip_id, items } of page.items) points.get(ip_id)?.push(...items.map(pointOf));
    if (page.next === null) return { step: step.ms, points };
    after = page.next;
    progress(sum(points));
  }
}

const sum = (points: Map<string, Point[]>) => [...points.values()].reduce((count, { length }) => count + length, 0);

/** As many entries of the journal as can be told apart in a chart. */
const EVENTS_MAX = 500;

/** The last of what the journal says of a sensor's alarms in a range. */
export async function askEvents(key: string, { from, to }: Range, signal: AbortSignal): Promise<Event[]> {
  const query = {
    source: key,
    source_kind: 'sensor',
    kind: 'alarm',
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    last: EVENTS_MAX,
  } as const;
  return (await call('GET /api/v1/events', { query, signal })).items;
}

/** When a sensor was last heard before a moment: where to look if there is nothing to be seen. */
export async function askEarlier(key: string, before: number, signal: AbortSignal): Promise<number | undefined> {
  const year = 365 * 86_400_000;
  const step = smallestStep(year);
  const { points } = await askSteps([key], { from: before - year, to: before }, step, { signal, progress: () => {} });
  return points.get(key)?.at(-1)?.at;
}
