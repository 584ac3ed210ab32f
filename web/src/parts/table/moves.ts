/** Where a key leads to from a row; undefined: it is none of these. */
export function moved(key: string, from: number, count: number, page: number): number | undefined {
  const last = count - 1;
  const to: Record<string, number> = {
    ArrowDown: from + 1,
    ArrowUp: from - 1,
    PageDown: from + page,
    PageUp: from - page,
    Home: 0,
    End: last,
  };
  const at = to[key];
  return at === undefined || count === 0 ? undefined : Math.min(Math.max(at, 0), last);
}
