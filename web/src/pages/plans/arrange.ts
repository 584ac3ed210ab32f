// Which marks of a plan are shown where, at a size of the plan.
import { grouped, ring } from './groups';
import type { Point } from './geometry';
import { ZOOM_MAX, type Size } from './zoom';

export interface Placed extends Point {
  key: string;
}

/** A mark on the screen, for one or several that would cover each other. */
export interface Shown extends Placed {
  /** Of all that it stands for. */
  keys: string[];
  /** How far beside its place it is shown, in pixels. */
  beside: Point;
  hasRoom: boolean;
}

/** From this zoom on, marks that no zoom can part are shown side by side. */
export const FAN_OUT = 3;

/** `zoom` is 1 where all of the plan is seen, and `scale` how many pixels a length of the picture takes. */
export function arranged(placements: readonly Placed[], picture: Size, scale: number, zoom: number): Shown[] {
  const where = ({ x, y }: Point) => ({ x: x * picture.width * scale, y: y * picture.height * scale });
  return grouped([...placements], where).flatMap(({ members, hasRoom }) => {
    const [first] = members;
    if (!first) return [];
    const { key, x, y } = first;
    const isFan = members.length > 1 && zoom >= FAN_OUT && !isParted(members, where, ZOOM_MAX / zoom);
    if (!isFan) return [{ key, x, y, keys: members.map((one) => one.key), beside: { x: 0, y: 0 }, hasRoom }];
    const places = ring(members.length);
    return members.map((one, index) => ({
      key: one.key,
      x,
      y,
      keys: [one.key],
      beside: places[index] ?? { x: 0, y: 0 },
      hasRoom: false,
    }));
  });
}

/** Whether the marks are no longer one group when they are so much larger apart. */
function isParted(members: Placed[], where: (at: Point) => Point, factor: number): boolean {
  const at = (one: Placed) => ({ x: where(one).x * factor, y: where(one).y * factor });
  return grouped(members, at).length > 1;
}
