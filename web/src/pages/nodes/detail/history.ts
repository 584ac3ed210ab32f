// Which entries of the journal tell of a node.
import type { Event } from '../../../api/types';

/** Beside these there are observations, of which a node has thousands. */
export const KINDS = ['node', 'alarm', 'suppression'];

/** Whether an entry is about a node, or one of its sensors. */
export function isAbout({ kind, source, source_kind }: Event, node: string): boolean {
  if (!KINDS.includes(kind.split('.')[0] ?? '')) return false;
  if (source_kind === 'sensor') return source?.replace(/_\d+$/, '') === node;
  return source_kind === 'node' && source === node;
}

/** The newest first, each once, though it may have come by several ways. */
export function historyOf(entries: Event[], most: number): Event[] {
  const all = new Map(entries.map((entry) => [entry.seq, entry]));
  return [...all.values()].sort((a, b) => b.seq - a.seq).slice(0, most);
}
