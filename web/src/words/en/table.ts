const many = (count: number) => count.toLocaleString('en');

export const table = {
  any: 'Any',
  filters: 'Filters',
  sortBy: 'Sort by',
  asTheyCome: 'As they come',
  ascending: 'Ascending',
  descending: 'Descending',
  columns: 'Columns',
  clear: 'Show all',
  select: (name: string) => `Select ${name}`,
  selectColumn: 'Selected',
  count: (shown: number, total: number) =>
    shown === total ? `${many(total)} in all` : `${many(shown)} of ${many(total)}`,
  loading: 'still loading',
  loaded: 'all loaded',
  truncated: (max: number) => `cut at ${many(max)}: narrow it by place`,
  nothing: 'Nothing matches.',
  nothingHint: 'Take a filter away, or search for something else.',
};
