// The chart as uPlot draws it.
import type uPlot from 'uplot';
import type { Aligned } from './align';
import type { Inks } from './inks';
import { LOOKS } from './looks';
import type { Mark } from './marks';
import { axisWords } from './moments';
import { paintBands, paintBandWords, paintLetters, paintMarks, type BandToPaint } from './paint';
import { isStepped, isSwitch, type Series } from './points';
import type { Range } from './range';
import { numberText } from '../../../parts/values';
import { scaleOfKind, unitOf } from './show';
import { scaleOf } from './summary';
import { words } from '../../../words';

/** What is drawn beside the lines. It may change without the chart being made anew. */
export interface Beside {
  inks: Inks;
  bands: BandToPaint[];
  marks: Mark[];
  series: Series[];
}

export interface Told {
  cursor: (at: number | undefined) => void;
  range: (range: Range) => void;
  back: () => void;
}

/** Whether the lowest and the highest values of steps are shown: of all sensors there would be too much grey. */
const isSpread = (series: Series, at: number, count: number) =>
  series.step > 0 && !isSwitch(series.kind) && (at === 0 || count <= 2);

/** What a chart has to be made anew for. */
export function shapeOf(all: Series[], isNarrow: boolean): string {
  return JSON.stringify([isNarrow, all.map(({ key, kind, step }) => [key, kind, step > 0])]);
}

/** The columns in the order of the series that `optionsFor` has. */
export function dataFor(all: Series[], { times, columns }: Aligned): uPlot.AlignedData {
  const lines = columns.flatMap(({ line, low, high }, at) =>
    isSpread(all[at]!, at, all.length) ? [line, low, high] : [line],
  );
  return [times, ...lines];
}

export function optionsFor(
  Plot: typeof uPlot,
  all: Series[],
  size: { width: number; height: number },
  isNarrow: boolean,
  beside: Beside,
  told: Told,
): uPlot.Options {
  const scales = [...new Set(all.map(({ kind }) => scaleOfKind(kind)))];
  const lines: uPlot.Series[] = [{}];
  const spreads: uPlot.Band[] = [];
  const stepped = Plot.paths.stepped!({ align: 1 });
  all.forEach((series, at) => {
    const look = LOOKS[at]!;
    const paths = isStepped(series.kind) ? { paths: stepped } : {};
    const common = { scale: scaleOfKind(series.kind), ...paths };
    lines.push({
      ...common,
      stroke: () => beside.inks[look.ink],
      width: look.width,
      dash: look.dash,
      points: { show: true, size: 4, fill: () => beside.inks[look.ink], filter: lonely },
    });
    if (!isSpread(series, at, all.length)) return;
    lines.push({ ...common, width: 0, points: { show: false } }, { ...common, width: 0, points: { show: false } });
    spreads.push({ series: [lines.length - 1, lines.length - 2], fill: () => beside.inks.spread });
  });
  return {
    ...size,
    ms: 1,
    series: lines,
    bands: spreads,
    legend: { show: false },
    padding: [14, scales.length > 1 ? null : 18, null, null],
    scales: {
      x: { time: true },
      ...Object.fromEntries(scales.map((scale) => [scale, { range: rangeIn(scale, scales, beside) }])),
    },
    axes: [timeAxis(beside, isNarrow), ...scales.map((scale, at) => valueAxis(scale, at, all, beside))],
    cursor: {
      y: false,
      // Only lines have one, and not the edges of what is between the lowest and the highest.
      points: {
        size: (_, at) => (lines[at]?.width ? 8 : 0),
        fill: () => beside.inks.surface,
        stroke: () => beside.inks.text,
        width: (_, at) => (lines[at]?.width ? 2 : 0),
      },
      drag: { x: true, y: false, setScale: false, dist: 5 },
      bind: {
        dblclick: () => () => {
          told.back();
          return null;
        },
      },
    },
    hooks: {
      drawClear: [(plot) => paintBands(plot, beside)],
      draw: [
        (plot) => {
          paintMarks(plot, beside);
          paintBandWords(plot, beside);
          if (all.length > 1) paintLetters(plot, all, beside.inks);
        },
      ],
      setCursor: [
        (plot) => {
          const { left = -1, idx } = plot.cursor;
          const at = left < 0 || idx === null || idx === undefined ? undefined : plot.data[0]?.[idx];
          told.cursor(at ?? undefined);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 1) return;
          const range = {
            from: Math.round(plot.posToVal(left, 'x')),
            to: Math.round(plot.posToVal(left + width, 'x')),
          };
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          told.range(range);
        },
      ],
    },
  };
}

/** Points that no line leads to would not be seen. */
function lonely(plot: uPlot, seriesIdx: number): number[] | null {
  const values = plot.data[seriesIdx]!;
  const found: number[] = [];
  let before: number | null = null;
  let isLonely = false;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (value === undefined) continue;
    if (value === null) {
      if (isLonely && before !== null) found.push(before);
      before = null;
      isLonely = false;
      continue;
    }
    isLonely = before === null;
    before = row;
  }
  if (isLonely && before !== null) found.push(before);
  return found;
}

function rangeIn(scale: string, scales: string[], beside: Beside): uPlot.Scale.Range {
  return (_, low, high) => {
    if (scale in words.common.binary) return laneOf(scale, scales, Math.max(1, high ?? 1));
    const thresholds = beside.bands.filter((band) => band.scale === scale).flatMap(({ from, to }) => [from, to]);
    const within = thresholds.filter((value) => value > 0 && value < 255);
    if (low === null || high === null) return [0, 100];
    const [from, to] = scaleOf(low, high, within);
    const taken = Math.min(scales.filter((one) => one in words.common.binary).length / LANES, 0.5);
    return [from - ((to - from) * taken) / (1 - taken), to];
  };
}

/** Beside values, what is there or not has such a part of the height each, at the bottom. */
const LANES = 5;

/** What is there or not has a lane of its own, so that one does not cover the other. */
function laneOf(scale: string, scales: string[], high: number): [number, number] {
  const switches = scales.filter((one) => one in words.common.binary);
  const lanes = switches.length < scales.length ? LANES : switches.length;
  const at = switches.indexOf(scale);
  const lane = high + 0.4;
  return [-0.2 - at * lane, -0.2 + (lanes - at) * lane];
}

function timeAxis(beside: Beside, isNarrow: boolean): uPlot.Axis {
  return {
    stroke: () => beside.inks.soft,
    font: beside.inks.font,
    space: isNarrow ? 64 : 80,
    grid: { stroke: () => beside.inks.line, width: 1 },
    ticks: { stroke: () => beside.inks.line, width: 1 },
    values: (_, marks, __, ___, apart) => axisWords(marks, apart),
  };
}

/** The first scale is at the left, the others at the right. */
function valueAxis(scale: string, at: number, all: Series[], beside: Beside): uPlot.Axis {
  const kind = all.find((series) => scaleOfKind(series.kind) === scale)!.kind;
  const named = words.common.binary[kind];
  return {
    scale,
    side: at === 0 ? 3 : 1,
    stroke: () => beside.inks.soft,
    font: beside.inks.font,
    grid: { show: at === 0, stroke: () => beside.inks.line, width: 1 },
    ticks: { stroke: () => beside.inks.line, width: 1 },
    size: (_, values) => 18 + 7 * Math.max(0, ...(values ?? []).map((value) => String(value).length)),
    ...(named
      ? { splits: [0, 1], values: [...named] }
      : { values: (_, marks) => marks.map((value) => (value < 0 ? '' : numberText(value) + unitOf(kind))) }),
  };
}
