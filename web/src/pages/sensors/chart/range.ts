// From when until when a chart shows, and in which steps.

/** Times are milliseconds since 1970. `to` is not included. */
export interface Range {
  from: number;
  to: number;
}

const S = 1_000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

export const RANGES = {
  '10m': 10 * MIN,
  '1h': H,
  '6h': 6 * H,
  '24h': D,
  '7d': 7 * D,
  '30d': 30 * D,
  '1y': 365 * D,
} as const;
export type RangeName = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as RangeName[];
const FIRST: RangeName = '24h';

export const SPAN_MIN = 10 * S;
export const SPAN_MAX = 20 * 365 * D;

/** What somebody looks at. */
export type View =
  /** The last so many minutes or days: it goes with the time. */
  | { is: 'latest'; name: RangeName }
  /** A range that stays where it is; the name is of the range to come back to. */
  | ({ is: 'fixed'; name: RangeName } & Range);

export function viewOf(query: URLSearchParams): View {
  const asked = query.get('range') as RangeName;
  const name = asked in RANGES ? asked : FIRST;
  const from = moment(query.get('from'));
  const to = moment(query.get('to'));
  if (from === undefined || to === undefined || to - from < S) return { is: 'latest', name };
  return { is: 'fixed', name, ...limited({ from, to }) };
}

function moment(text: string | null): number | undefined {
  if (!text) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** The same as a query of the page. */
export function queryOf(view: View): { range: string; from: string | null; to: string | null } {
  const isFixed = view.is === 'fixed';
  return {
    range: view.name,
    from: isFixed ? new Date(view.from).toISOString() : null,
    to: isFixed ? new Date(view.to).toISOString() : null,
  };
}

export function rangeOf(view: View, now: number): Range {
  return view.is === 'fixed' ? view : { from: now - RANGES[view.name], to: now };
}

/** A range about the same middle that is neither too short nor too long to be shown. */
function limited({ from, to }: Range): Range {
  const span = Math.min(Math.max(to - from, SPAN_MIN), SPAN_MAX);
  const middle = (from + to) / 2;
  return { from: Math.round(middle - span / 2), to: Math.round(middle + span / 2) };
}

/** A part of a range, or more than it: 0.5 shows half as much. What is at `about` stays where it is. */
export function zoomed(range: Range, factor: number, now: number, about = (range.from + range.to) / 2): Range {
  const span = Math.min(Math.max((range.to - range.from) * factor, SPAN_MIN), SPAN_MAX);
  const before = (about - range.from) / (range.to - range.from);
  const from = about - span * before;
  return notAfter({ from: Math.round(from), to: Math.round(from + span) }, now);
}

/** Moves by a part of what is shown: -0.25 goes back by a quarter. */
export function panned(range: Range, by: number, now: number): Range {
  const ms = Math.round((range.to - range.from) * by);
  return notAfter({ from: range.from + ms, to: range.to + ms }, now);
}

/** Nothing is to be seen in the future. */
function notAfter(range: Range, now: number): Range {
  const late = Math.max(0, range.to - now);
  return { from: range.from - late, to: range.to - late };
}

/** As many steps as a chart can show, and no more. */
const STEPS_MAX = 1_000;
/** Up to this span every reading is shown. */
const EACH_READING_MS = 20 * MIN;
const STEPS: [number, string][] = [
  [100, '100ms'],
  [200, '200ms'],
  [500, '500ms'],
  [S, '1s'],
  [2 * S, '2s'],
  [5 * S, '5s'],
  [10 * S, '10s'],
  [15 * S, '15s'],
  // From here on the server answers from what it has summed up already.
  [MIN, '1m'],
  [2 * MIN, '2m'],
  [5 * MIN, '5m'],
  [10 * MIN, '10m'],
  [15 * MIN, '15m'],
  [30 * MIN, '30m'],
  [H, '1h'],
  [2 * H, '2h'],
  [3 * H, '3h'],
  [6 * H, '6h'],
  [12 * H, '12h'],
  [D, '1d'],
  [3 * D, '3d'],
  [7 * D, '7d'],
  [30 * D, '30d'],
];

export interface Step {
  ms: number;
  /** As the server reads it. */
  text: string;
}

/** The step for a range of time; undefined: each reading for itself. */
export function stepFor(span: number): Step | undefined {
  return span <= EACH_READING_MS ? undefined : smallestStep(span);
}

/** The shortest step of which a chart can show as many as there are. */
export function smallestStep(span: number): Step {
  const [ms, text] = STEPS.find(([ms]) => span / ms <= STEPS_MAX) ?? STEPS.at(-1)!;
  return { ms, text };
}

/** The whole steps that a range touches. They begin with whole minutes and hours, so that the server need not add up anew. */
export function wholeSteps({ from, to }: Range, step: number): Range {
  return { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step };
}
