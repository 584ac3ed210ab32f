// What the feed is asked for. Of alarms, nodes and the journal it always tells all that somebody may see; readings are many.
import type { Wanted } from './messages';

/** The server takes no more places: then readings come from everywhere. */
export const ZONES_MAX = 32;

/** The places of which all pages together want readings; null: of everywhere; undefined: of none. */
export function together(wanted: Wanted[]): string[] | null | undefined {
  if (wanted.length === 0) return undefined;
  const zones = [...new Set(wanted.map(({ zone }) => zone))].filter((zone) => zone !== null).sort();
  return wanted.some(({ zone }) => zone === null) || zones.length > ZONES_MAX ? null : zones;
}

/** Where that is followed. */
export function addressOf(base: string, zones: string[] | null | undefined): string {
  const url = new URL('api/v1/live', base);
  url.searchParams.set('kind', zones === undefined ? 'alarm,event,node' : 'alarm,event,node,reading');
  if (zones) {
    url.searchParams.set('zone', zones.join());
    // No alarm may be missing because a page wants the readings of a place alone.
    url.searchParams.set('everywhere', 'alarm,event,node');
  }
  return url.href;
}
