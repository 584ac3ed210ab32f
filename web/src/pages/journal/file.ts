// Entries of the journal as a file.
import { call } from '../../api/call';
import type { Event, Page_Event } from '../../api/types';
import { questionOf, type Filter } from './filter';

export type Format = 'csv' | 'jsonl';
export const MIME: Record<Format, string> = { csv: 'text/csv', jsonl: 'application/x-ndjson' };
/** A browser builds the file in its memory. */
export const ENTRIES_MAX = 100_000;
const PAGE = 1_000;

const COLUMNS = {
  seq: (entry) => entry.seq,
  decided: (entry) => entry.decided,
  kind: (entry) => entry.kind,
  class: (entry) => entry.class,
  source_kind: (entry) => entry.source_kind,
  source: (entry) => entry.source,
  rule: (entry) => entry.rule,
  alarm: (entry) => entry.alarm,
  state: (entry) => entry.state,
  value: (entry) => entry.value,
  who: (entry) => entry.who?.name,
  origin: (entry) => entry.who?.origin,
  text: (entry) => entry.text,
  received: (entry) => entry.received,
  committed: (entry) => entry.committed,
  notified: (entry) => entry.notified,
  hash: (entry) => entry.hash,
} satisfies Record<string, (entry: Event) => string | number | null | undefined>;

export const CSV_HEAD = `${Object.keys(COLUMNS).join(',')}\r\n`;

/** A cell of CSV. What a spreadsheet would take for a formula is marked as text: names are typed by people, some of them strangers who
 * have failed to log in. */
export function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function line(entry: Event, format: Format): string {
  if (format === 'jsonl') return `${JSON.stringify(entry)}\n`;
  return `${Object.values(COLUMNS)
    .map((of) => cell(of(entry)))
    .join(',')}\r\n`;
}

export interface Collected {
  file: Blob;
  count: number;
  /** Whether there are more than can be collected. */
  isCut: boolean;
}

/** All entries that fit, the oldest first; of too many, the latest. */
export async function collect(
  filter: Filter,
  format: Format,
  tell: (count: number) => void,
  signal: AbortSignal,
): Promise<Collected> {
  const parts: string[] = [];
  let count = 0;
  let before: number | null | undefined;
  while (before !== null && count < ENTRIES_MAX) {
    const query = { ...questionOf(filter), last: PAGE, ...(before !== undefined && { before }) };
    const page: Page_Event = await call('GET /api/v1/events', { query, signal });
    parts.push(page.items.map((entry) => line(entry, format)).join(''));
    count += page.items.length;
    before = page.next;
    tell(count);
  }
  if (format === 'csv') parts.push(CSV_HEAD);
  return { file: new Blob(parts.reverse(), { type: MIME[format] }), count, isCut: before !== null };
}
