// What is painted behind and above the lines: threshold bands with their words, what happened, and the lines' letters.
import type uPlot from 'uplot';
import type { Class, Status } from '../../../api/types';
import type { Inks } from './inks';
import { LOOKS } from './looks';
import type { Mark } from './marks';
import { lineValue, placeOf, type Series } from './points';
import type { Band } from './rules';
import { scaleOfKind } from './show';

/** A band on its scale, with what is written in it. */
export interface BandToPaint extends Band {
  scale: string;
  text: string;
}

interface ToPaint {
  inks: Inks;
  bands: BandToPaint[];
  marks: Mark[];
}

const ratio = () => window.devicePixelRatio || 1;

/** From the top to the bottom of a band, within the plot. A byte ends at 0 and 255, but what is meant does not. */
function edges(plot: uPlot, { scale, from, to }: BandToPaint): [number, number] | undefined {
  const { top, height } = plot.bbox;
  const isPoint = from === to;
  const upper = to === 255 ? top : plot.valToPos(isPoint ? to + 0.15 : to + 1, scale, true);
  const lower = from === 0 && !isPoint ? top + height : plot.valToPos(isPoint ? from - 0.15 : from, scale, true);
  const clipped: [number, number] = [Math.max(top, upper), Math.min(top + height, lower)];
  return clipped[1] - clipped[0] > 0 && plot.scales[scale] ? clipped : undefined;
}

export function paintBands(plot: uPlot, { inks, bands }: ToPaint): void {
  const { ctx } = plot;
  const { left, width } = plot.bbox;
  ctx.save();
  for (const band of bands) {
    const found = edges(plot, band);
    if (!found) continue;
    ctx.fillStyle = inks[band.status];
    ctx.fillRect(left, found[0], width, found[1] - found[0]);
  }
  ctx.restore();
}

export function paintBandWords(plot: uPlot, { inks, bands }: ToPaint): void {
  const { ctx } = plot;
  const size = 12 * ratio();
  ctx.save();
  ctx.font = inks.font.replace('12px', `${size}px`);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  for (const band of bands) {
    const found = edges(plot, band);
    if (!found || found[1] - found[0] < size) continue;
    ctx.fillStyle = band.status === 'critical' ? inks.criticalInk : inks.warningInk;
    ctx.fillText(band.text, plot.bbox.left + plot.bbox.width - 6 * ratio(), found[1] - 2 * ratio());
  }
  ctx.restore();
}

const INK_OF_CLASS: Record<Class, keyof Inks> = {
  alarm: 'criticalInk',
  supervisory: 'warningInk',
  trouble: 'troubleInk',
};
const CLASS_OF: Partial<Record<Status, Class>> = { critical: 'alarm', warning: 'supervisory' };

/** Alarms at the top, filled where they were raised and hollow where they ended; changes of the status at the bottom. */
export function paintMarks(plot: uPlot, { inks, marks }: ToPaint): void {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  const half = 5 * ratio();
  ctx.save();
  ctx.lineWidth = 1.5 * ratio();
  for (const mark of marks) {
    const x = plot.valToPos(mark.at, 'x', true);
    if (x < left || x > left + width) continue;
    const of = mark.is === 'alarm' ? mark.class : CLASS_OF[mark.to];
    const ink = inks[of ? INK_OF_CLASS[of] : 'soft'] as string;
    const isFilled = mark.is === 'alarm' ? mark.raised : of !== undefined;
    const y = mark.is === 'alarm' ? top - half - 2 * ratio() : top + height - half - 2 * ratio();
    ctx.strokeStyle = ink;
    ctx.fillStyle = isFilled ? ink : inks.surface;
    if (mark.is === 'alarm') {
      ctx.setLineDash(mark.raised ? [] : [3 * ratio(), 3 * ratio()]);
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + height);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    outline(ctx, of, x, y, half);
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** The same shapes as everywhere: a triangle, a diamond, a square, and a ring for normal. */
function outline(ctx: CanvasRenderingContext2D, of: Class | undefined, x: number, y: number, half: number): void {
  ctx.beginPath();
  if (of === 'alarm') {
    ctx.moveTo(x, y - half);
    ctx.lineTo(x + half, y + half);
    ctx.lineTo(x - half, y + half);
  } else if (of === 'supervisory') {
    ctx.moveTo(x, y - half);
    ctx.lineTo(x + half, y);
    ctx.lineTo(x, y + half);
    ctx.lineTo(x - half, y);
  } else if (of === 'trouble') {
    ctx.rect(x - half, y - half, 2 * half, 2 * half);
  } else {
    ctx.arc(x, y, half * 0.7, 0, 2 * Math.PI);
  }
  ctx.closePath();
}

/** Each line's letter where it ends, one below the other where lines end together. */
export function paintLetters(plot: uPlot, all: Series[], inks: Inks): void {
  const { ctx } = plot;
  const { left, top, width, height } = plot.bbox;
  const size = 12 * ratio();
  ctx.save();
  ctx.font = `600 ${inks.font.replace('12px', `${size}px`)}`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = 4 * ratio();
  const taken: number[] = [];
  all.forEach((series, at) => {
    const last = series.points.at(-1);
    if (!last) return;
    const x = Math.min(plot.valToPos(placeOf(series, last), 'x', true), left + width) - 3 * ratio();
    let y = plot.valToPos(lineValue(series.kind, last), scaleOfKind(series.kind), true);
    while (taken.some((other) => Math.abs(other - y) < size)) y += size;
    y = Math.min(Math.max(y, top + size / 2), top + height - size / 2);
    taken.push(y);
    const look = LOOKS[at]!;
    ctx.strokeStyle = inks.surface;
    ctx.fillStyle = inks[look.ink];
    ctx.strokeText(look.letter, x, y);
    ctx.fillText(look.letter, x, y);
  });
  ctx.restore();
}
