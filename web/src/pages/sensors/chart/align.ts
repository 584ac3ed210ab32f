// Points of several sensors, which say something at different moments, in columns over one row of moments.
import { gapsOf, lineValue, placeOf, type Series } from './points';

/** A value; null: here the line is broken; undefined: nothing was said just then, and the line goes on. */
export type Cell = number | null | undefined;

export interface Columns {
  line: Cell[];
  low: Cell[];
  high: Cell[];
}

export interface Aligned {
  times: number[];
  columns: Columns[];
}

export function aligned(all: Series[]): Aligned {
  const breaks = all.map(breaksOf);
  const times = [
    ...new Set(all.flatMap((series, at) => [...series.points.map((point) => placeOf(series, point)), ...breaks[at]!])),
  ].sort((a, b) => a - b);
  const rows = new Map(times.map((time, row) => [time, row]));
  const columns = all.map((series, at) => {
    const column = (): Cell[] => new Array<Cell>(times.length).fill(undefined);
    const [line, low, high] = [column(), column(), column()];
    for (const time of breaks[at]!) {
      const row = rows.get(time)!;
      line[row] = low[row] = high[row] = null;
    }
    for (const point of series.points) {
      const row = rows.get(placeOf(series, point))!;
      line[row] = lineValue(series.kind, point);
      low[row] = point.min;
      high[row] = point.max;
    }
    return { line, low, high };
  });
  return { times, columns };
}

/** The moments at which a line is broken. A value that is held until the next one ends where its time ends. */
function breaksOf(series: Series): number[] {
  // A reading holds for a moment, which a line of steps needs to be seen at all.
  return gapsOf(series).map(({ from }) => (series.step > 0 ? from : from + 1));
}
