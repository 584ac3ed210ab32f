import { describe, expect, it } from 'vitest';
import { areaOf, contains, inReadingOrder, innermost, onPlan, titlePoint } from './geometry';

const square = (left: number, top: number, side: number) => [
  { x: left, y: top },
  { x: left + side, y: top },
  { x: left + side, y: top + side },
  { x: left, y: top + side },
];
/** A U, open at the top: its left arm is the wider one. */
const u = [
  { x: 0, y: 0 },
  { x: 0.5, y: 0 },
  { x: 0.5, y: 0.8 },
  { x: 0.9, y: 0.8 },
  { x: 0.9, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];

describe('geometry', () => {
  it('keeps points on the plan, to the millionth', () => {
    expect(onPlan({ x: -0.2, y: 1.7 })).toEqual({ x: 0, y: 1 });
    expect(onPlan({ x: 0.123_456_789, y: 1 / 3 })).toEqual({ x: 0.123_457, y: 0.333_333 });
  });

  it('tells what lies within an outline, also in the gap of one that is no box', () => {
    expect(contains(u, { x: 0.2, y: 0.2 })).toBe(true);
    expect(contains(u, { x: 0.7, y: 0.2 })).toBe(false);
    expect(contains(u, { x: 0.7, y: 0.9 })).toBe(true);
    expect(contains(u, { x: 1.1, y: 0.9 })).toBe(false);
  });

  it('measures an area whichever way round its corners go', () => {
    expect(areaOf(square(0, 0, 0.5))).toBeCloseTo(0.25);
    expect(areaOf(square(0, 0, 0.5).toReversed())).toBeCloseTo(0.25);
  });

  it('writes a title where the upper edge is widest', () => {
    const { x, y, width } = titlePoint(u);
    expect([x, y, width]).toEqual([0.25, 0, 0.5]);
  });

  it('writes a title also where corners lie on one line', () => {
    expect(
      titlePoint([
        { x: 0, y: 0.5 },
        { x: 1, y: 0.5 },
        { x: 0.5, y: 0.5 },
      ]),
    ).toEqual({ x: 0.5, y: 0.5, width: 0 });
  });

  it('reads row by row, although nobody places things in exact rows', () => {
    const points = [
      { x: 0.9, y: 0.1, name: 'b' },
      { x: 0.5, y: 0.5, name: 'd' },
      { x: 0.1, y: 0.12, name: 'a' },
      { x: 0.2, y: 0.51, name: 'c' },
    ];
    expect(inReadingOrder(points).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('finds the smallest of the outlines around a point', () => {
    const floor = { name: 'floor', corners: square(0, 0, 1) };
    const room = { name: 'room', corners: square(0.1, 0.1, 0.2) };
    expect(innermost([floor, room], { x: 0.2, y: 0.2 })?.name).toBe('room');
    expect(innermost([floor, room], { x: 0.8, y: 0.2 })?.name).toBe('floor');
    expect(innermost([room], { x: 0.8, y: 0.2 })).toBeUndefined();
  });
});
