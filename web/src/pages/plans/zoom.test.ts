import { describe, expect, it } from 'vitest';
import { framed, moved, onPicture, onScreen, revealing, scaleOfWhole, viewBox, whole, ZOOM_MAX, zoomed } from './zoom';

const picture = { width: 2_000, height: 1_000 };
const screen = { width: 1_000, height: 800 };
const all = whole(picture, screen);

describe('zoom', () => {
  it('begins with all of the picture, in the middle', () => {
    const [a, b] = [onScreen(all, { x: 0, y: 0 }, picture), onScreen(all, { x: 1, y: 1 }, picture)];
    expect(a.x).toBeCloseTo(12);
    expect(b.x).toBeCloseTo(1_000 - 12);
    expect(a.y).toBeCloseTo(800 - b.y);
  });

  it('keeps what is under the pointer where it is', () => {
    const at = { x: 300, y: 420 };
    const before = onPicture(all, at, picture);
    const after = onPicture(zoomed(all, 2.5, at, picture, screen), at, picture);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it('has an end in both directions', () => {
    const scale = scaleOfWhole(picture, screen);
    expect(zoomed(all, 1e9, { x: 0, y: 0 }, picture, screen).scale).toBeCloseTo(scale * ZOOM_MAX);
    expect(zoomed(all, 1e-9, { x: 0, y: 0 }, picture, screen).scale).toBeCloseTo(scale / 2);
  });

  it('cannot push the picture out of sight', () => {
    const far = moved(all, { x: 1e6, y: -1e6 }, picture, screen);
    expect(onScreen(far, { x: 0, y: 0 }, picture).x).toBeCloseTo(screen.width - 80);
    expect(onScreen(far, { x: 1, y: 1 }, picture).y).toBeCloseTo(80);
  });

  it('moves only for what is not well within the screen', () => {
    expect(revealing(all, { x: 0.5, y: 0.5 }, picture, screen)).toBe(all);
    const near = zoomed(all, 8, { x: 0, y: 0 }, picture, screen);
    const view = revealing(near, { x: 0.9, y: 0.9 }, picture, screen);
    const { x, y } = onScreen(view, { x: 0.9, y: 0.9 }, picture);
    expect(x).toBeCloseTo(screen.width - 48);
    expect(y).toBeCloseTo(screen.height - 48);
  });

  it('frames a part of the picture, and a single point no larger than anything can be', () => {
    const view = framed({ left: 0.4, top: 0.4, right: 0.6, bottom: 0.6 }, picture, screen);
    const { x, y } = onScreen(view, { x: 0.5, y: 0.5 }, picture);
    expect(x).toBeCloseTo(500);
    expect(y).toBeCloseTo(400);
    expect(view.scale).toBeGreaterThan(all.scale * 3);
    const point = framed({ left: 0.5, top: 0.5, right: 0.5, bottom: 0.5 }, picture, screen);
    expect(point.scale).toBeCloseTo(all.scale * ZOOM_MAX);
  });

  it('is written as the view box of an SVG', () => {
    expect(viewBox({ x: 10, y: 20, scale: 2 }, screen)).toBe('10 20 500 400');
  });
});
