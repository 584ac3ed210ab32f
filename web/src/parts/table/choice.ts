// What somebody has chosen to see of a table, as the page's address says it.
import type { Query } from '../../router/router.svelte';
import type { Shape } from './columns';

export interface Choice {
  search: string[];
  /** What each facet is narrowed to. */
  facets: [id: string, value: string][];
  /** The column; undefined: as the rows come. */
  sort: string | undefined;
  isDescending: boolean;
  /** The columns that are shown. */
  columns: string[];
}

/** What the address says, without what there is not. */
export function choiceOf<T>(query: URLSearchParams, shape: Shape<T>): Choice {
  const sort = query.get('sort') ?? '';
  const id = sort.replace(/^-/, '');
  const isColumn = (one: string) => shape.columns.some((column) => column.id === one);
  const columns = query.get('columns')?.split(',').filter(isColumn) ?? [];
  return {
    search: searched(query.get('q') ?? ''),
    facets: shape.facets.flatMap(({ id: facet, options }): [string, string][] => {
      const value = query.get(facet);
      return value !== null && options.some((option) => option.value === value) ? [[facet, value]] : [];
    }),
    sort: isColumn(id) ? id : undefined,
    isDescending: sort.startsWith('-'),
    columns: columns.length > 0 ? columns : standard(shape),
  };
}

/** A search finds rows that have all its words. */
function searched(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

function standard<T>(shape: Shape<T>): string[] {
  return shape.columns.filter((column) => !column.isExtra).map((column) => column.id);
}

/** A column's header was pressed: first it goes up, then down, then the rows are as they come. */
export function sortedNext(choice: Choice, column: string): Query {
  if (choice.sort !== column) return { sort: column };
  return { sort: choice.isDescending ? null : `-${column}` };
}

/** A column is shown, or no longer. The last one stays. */
export function columnTurned<T>(choice: Choice, shape: Shape<T>, column: string): Query {
  const ids = shape.columns.map(({ id }) => id);
  const isShown = (id: string) => choice.columns.includes(id) !== (id === column);
  const shown = ids.filter(isShown);
  if (shown.length === 0) return {};
  return { columns: shown.join() === standard(shape).join() ? null : shown.join() };
}

/** Whether anything narrows the table. */
export function isNarrowed(choice: Choice): boolean {
  return choice.search.length > 0 || choice.facets.length > 0;
}
