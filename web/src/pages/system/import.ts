// What a file with readings looks like.

export type ImportFormat = 'csv' | 'table' | 'readings';

const ENDINGS: Record<string, ImportFormat> = {
  csv: 'csv',
  txt: 'csv',
  db: 'table',
  sqlite: 'table',
  sqlite3: 'table',
};

/** The format that a file of this name most likely has. */
export function formatOf(name: string): ImportFormat {
  return ENDINGS[name.toLowerCase().split('.').at(-1) ?? ''] ?? 'readings';
}
