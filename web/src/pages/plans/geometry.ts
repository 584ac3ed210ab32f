// Points of a plan, as fractions of its width and height from the upper left corner.

export interface Point {
  x: number;
  y: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The server keeps millionths: more digits would only differ from what it gives back. */
const PARTS = 1_000_000;

/** The nearest point that is on the plan. */
export function onPlan({ x, y }: Point): Point {
  const part = (of: number) => Math.round(Math.min(1, Math.max(0, of)) * PARTS) / PARTS;
  return { x: part(x), y: part(y) };
}

export function boundsOf(points: Point[]): Box {
  return {
    left: Math.min(...points.map(({ x }) => x)),
    top: Math.min(...points.map(({ y }) => y)),
    right: Math.max(...points.map(({ x }) => x)),
    bottom: Math.max(...points.map(({ y }) => y)),
  };
}

/** Half the sum of what each edge spans. */
export function areaOf(corners: Point[]): number {
  return Math.abs(edgesOf(corners).reduce((sum, [a, b]) => sum + a.x * b.y - b.x * a.y, 0)) / 2;
}

/** Each corner with the one after it. */
export function edgesOf(corners: Point[]): [Point, Point][] {
  return corners.map((corner, index) => [corner, corners[(index + 1) % corners.length] ?? corner]);
}

/** Whether a point lies within: a line from it to the right crosses the outline an odd number of times. */
export function contains(corners: Point[], { x, y }: Point): boolean {
  const crossed = edgesOf(corners).filter(
    ([a, b]) => a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x),
  );
  return crossed.length % 2 === 1;
}

/** Where the title of a polygon is written: below its upper edge, where that is widest, and how wide it is there. */
export function titlePoint(corners: Point[]): Point & { width: number } {
  const { left, top, right, bottom } = boundsOf(corners);
  const y = top + (bottom - top) * 0.02;
  const crossings = edgesOf(corners)
    .filter(([a, b]) => a.y > y !== b.y > y)
    .map(([a, b]) => a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x))
    .sort((a, b) => a - b);
  let widest = { x: (left + right) / 2, y: top, width: 0 };
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const [from = 0, to = 0] = crossings.slice(index, index + 2);
    if (to - from > widest.width) widest = { x: (from + to) / 2, y: top, width: to - from };
  }
  return widest;
}

/** What lies within this much of a plan's height is read as one row. */
const ROW = 0.04;

/** As people read: row by row from the top, each from the left. */
export function inReadingOrder<T extends Point>(points: T[]): T[] {
  const rows: T[][] = [];
  for (const point of [...points].sort((a, b) => a.y - b.y)) {
    const row = rows.at(-1);
    if (row?.[0] && point.y - row[0].y <= ROW) row.push(point);
    else rows.push([point]);
  }
  return rows.flatMap((row) => row.sort((a, b) => a.x - b.x));
}

/** The smallest of the outlines that a point lies in. */
export function innermost<T extends { corners: Point[] }>(outlines: T[], point: Point): T | undefined {
  return outlines
    .filter(({ corners }) => contains(corners, point))
    .sort((a, b) => areaOf(a.corners) - areaOf(b.corners))[0];
}
