// Marks that would cover each other are shown as one, until the plan is seen large enough.
import type { Point } from './geometry';

/** A mark, and what is under it. */
export interface Group<T> {
  /** In the order in which they came; the first is where the group is. */
  members: T[];
  at: Point;
  /** Whether there is room for words below. */
  hasRoom: boolean;
}

/** Marks nearer than this, in pixels, cover each other. */
const APART = 26;
/** A mark with words below takes so much. */
const ROOM = { width: 84, height: 46 };

/** Groups by where they are on the screen. Which ones are together depends on the places alone: no mark jumps when a state changes. */
export function grouped<T>(marks: T[], where: (mark: T) => Point): Group<T>[] {
  const groups = new Map<string, Group<T>[]>();
  const all: Group<T>[] = [];
  for (const mark of marks) {
    const at = where(mark);
    const near = around(groups, at, APART).find((group) => distance(group.at, at) < APART);
    if (near) {
      near.members.push(mark);
      continue;
    }
    const group = { members: [mark], at, hasRoom: true };
    all.push(group);
    const cell = cellOf(at);
    groups.set(cell, [...(groups.get(cell) ?? []), group]);
  }
  for (const group of all)
    group.hasRoom = !around(groups, group.at, ROOM.width).some((other) => isInTheWay(group, other));
  return all;
}

/** Whether one mark would be under the words of another. */
function isInTheWay<T>(group: Group<T>, other: Group<T>): boolean {
  return (
    group !== other && Math.abs(group.at.x - other.at.x) < ROOM.width && Math.abs(group.at.y - other.at.y) < ROOM.height
  );
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

/** As large as the farthest that anybody looks, so that nine cells are enough. */
const CELL = ROOM.width;
const cellOf = ({ x, y }: Point) => `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;

function around<T>(groups: Map<string, Group<T>[]>, { x, y }: Point, reach: number): Group<T>[] {
  const found: Group<T>[] = [];
  for (let column = Math.floor((x - reach) / CELL); column <= Math.floor((x + reach) / CELL); column += 1) {
    for (let row = Math.floor((y - reach) / CELL); row <= Math.floor((y + reach) / CELL); row += 1) {
      found.push(...(groups.get(`${column} ${row}`) ?? []));
    }
  }
  return found;
}

/** Where the members of a group that no zoom can part are shown: around it, as a ring, in pixels from its place. */
export function ring(count: number): Point[] {
  if (count === 1) return [{ x: 0, y: 0 }];
  const radius = Math.max(APART * 0.75, (count * (APART + 6)) / (2 * Math.PI));
  return Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
    return { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius };
  });
}
