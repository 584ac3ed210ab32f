import { describe, expect, it } from 'vitest';
import { arranged, FAN_OUT } from './arrange';
import { grouped, ring } from './groups';

const picture = { width: 1_000, height: 1_000 };
const at = (key: string, x: number, y = 0.5) => ({ key, x, y });

describe('marks on a plan', () => {
  it('are shown as one where they would cover each other, and apart once there is room', () => {
    const marks = [at('a', 0.5), at('b', 0.51), at('c', 0.9)];
    expect(arranged(marks, picture, 1, 1).map(({ keys }) => keys)).toEqual([['a', 'b'], ['c']]);
    expect(arranged(marks, picture, 3, 3).map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c']]);
  });

  it('stand side by side where no zoom can part them', () => {
    const shown = arranged([at('a', 0.5), at('b', 0.5), at('c', 0.5)], picture, FAN_OUT, FAN_OUT);
    expect(shown.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    const [a, b] = shown.map(({ beside }) => beside);
    expect(Math.hypot(a!.x - b!.x, a!.y - b!.y)).toBeGreaterThan(26);
  });

  it('stay a group as long as zooming in still helps', () => {
    expect(arranged([at('a', 0.5), at('b', 0.502)], picture, FAN_OUT, FAN_OUT)).toHaveLength(1);
  });

  it('say words only where these cover nothing', () => {
    const rooms = grouped([at('a', 100, 100), at('b', 160, 100), at('c', 400, 100)], (mark) => mark);
    expect(rooms.map(({ hasRoom }) => hasRoom)).toEqual([false, false, true]);
  });

  it('are grouped across the borders of the cells they are looked up in', () => {
    expect(grouped([at('a', 83, 84), at('b', 85, 83)], (mark) => mark)).toHaveLength(1);
    expect(grouped([at('a', -1, 0), at('b', 1, 0)], (mark) => mark)).toHaveLength(1);
  });

  it('are all there, however many', () => {
    const marks = Array.from({ length: 5_000 }, (_, index) =>
      at(String(index), (index * 0.618) % 1, (index * 0.414) % 1),
    );
    const keys = arranged(marks, picture, 1, 1).flatMap((shown) => shown.keys);
    expect(new Set(keys).size).toBe(5_000);
    expect(keys).toHaveLength(5_000);
  });

  it('have room beside each other in a ring of any size', () => {
    for (const count of [2, 3, 8, 21]) {
      const points = ring(count);
      const nearest = Math.min(
        ...points.flatMap((a, i) => points.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y))),
      );
      expect(nearest).toBeGreaterThan(25);
    }
  });
});
