// What a table shows of its rows, and by what it can be narrowed and sorted.

export interface Column<T> {
  id: string;
  title: string;
  /** A track of a CSS grid. */
  width: string;
  text(row: T): string;
  /** What it is sorted by, where that is not the text; undefined goes last. */
  by?(row: T): string | number | undefined;
  /** The feed changes it all the time. */
  live?: boolean;
  number?: boolean;
  /** Where there is no room for columns: on the first line, on the second, there with its title, or not at all. */
  phone: 'first' | 'second' | 'titled' | 'none';
  /** Only shown if somebody chooses it. */
  isExtra?: boolean;
}

export interface Facet<T> {
  id: string;
  title: string;
  options: { value: string; title: string }[];
  has(row: T, value: string): boolean;
  live?: boolean;
}

/** Where the rows come from. */
export interface Source<T> {
  readonly version: number;
  readonly edition: number;
  readonly complete: boolean;
  readonly truncated: boolean;
  readonly size: number;
  get(key: string): T | undefined;
  /** All rows as they are now. */
  now(): T[];
}

/** All that a table is told once. */
export interface Shape<T> {
  columns: Column<T>[];
  facets: Facet<T>[];
  key(row: T): string;
  /** Everything that a search looks through. */
  words(row: T): string;
  /** Only these. */
  where?(row: T): boolean;
}
