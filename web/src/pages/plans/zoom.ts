// Which part of a picture is seen, how large. Lengths on the screen are pixels, those of the picture its own.
import type { Box, Point } from './geometry';

export interface Size {
  width: number;
  height: number;
}

/** What of the picture is at the upper left corner of the screen, and how many pixels a length of 1 takes. */
export interface View extends Point {
  scale: number;
}

/** How much larger than the whole picture a part of it can be seen. */
export const ZOOM_MAX = 40;
/** How much smaller than the screen the picture can become. */
const ZOOM_MIN = 0.5;
/** Left free around the whole picture. */
const MARGIN = 12;
/** So much of the screen always shows some of the picture. */
const KEPT = 80;

/** The scale at which all of a picture is seen. */
export function scaleOfWhole(picture: Size, screen: Size): number {
  const of = (screenLength: number, length: number) => Math.max(screenLength - 2 * MARGIN, 1) / Math.max(length, 1);
  return Math.min(of(screen.width, picture.width), of(screen.height, picture.height));
}

/** All of it, in the middle. */
export function whole(picture: Size, screen: Size): View {
  return centred({ x: picture.width / 2, y: picture.height / 2 }, scaleOfWhole(picture, screen), screen);
}

/** With this point in the middle of the screen. */
function centred({ x, y }: Point, scale: number, screen: Size): View {
  return { x: x - screen.width / scale / 2, y: y - screen.height / scale / 2, scale };
}

/** So much larger, with what is at this point of the screen staying there. */
export function zoomed(view: View, by: number, at: Point, picture: Size, screen: Size): View {
  const all = scaleOfWhole(picture, screen);
  const scale = Math.min(all * ZOOM_MAX, Math.max(all * ZOOM_MIN, view.scale * by));
  const moved = { x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale, scale };
  return inSight(moved, picture, screen);
}

/** Moved by so many pixels, as the hand that holds the picture moves. */
export function moved(view: View, by: Point, picture: Size, screen: Size): View {
  return inSight({ ...view, x: view.x - by.x / view.scale, y: view.y - by.y / view.scale }, picture, screen);
}

/** The picture cannot be pushed out of sight. */
function inSight(view: View, picture: Size, screen: Size): View {
  const keep = (at: number, screenLength: number, length: number) => {
    const kept = Math.min(KEPT, screenLength / 2) / view.scale;
    return Math.min(length - kept, Math.max(kept - screenLength / view.scale, at));
  };
  return {
    x: keep(view.x, screen.width, picture.width),
    y: keep(view.y, screen.height, picture.height),
    scale: view.scale,
  };
}

/** A part of the picture, given in fractions, as large as the screen allows; a point no larger than it need be. */
export function framed(part: Box, picture: Size, screen: Size): View {
  const width = (part.right - part.left) * picture.width;
  const height = (part.bottom - part.top) * picture.height;
  const scale = Math.min(
    scaleOfWhole({ width: width * 1.5, height: height * 1.5 }, screen),
    scaleOfWhole(picture, screen) * ZOOM_MAX,
  );
  const middle = {
    x: ((part.left + part.right) / 2) * picture.width,
    y: ((part.top + part.bottom) / 2) * picture.height,
  };
  return inSight(centred(middle, scale, screen), picture, screen);
}

/** Moved as little as it takes for a point of the picture, in fractions, to be well within the screen. */
export function revealing(view: View, point: Point, picture: Size, screen: Size): View {
  const at = onScreen(view, point, picture);
  const by = (at: number, length: number) => {
    const edge = Math.min(48, length / 4);
    if (at < edge) return edge - at;
    return at > length - edge ? length - edge - at : 0;
  };
  const [x, y] = [by(at.x, screen.width), by(at.y, screen.height)];
  return x === 0 && y === 0 ? view : moved(view, { x, y }, picture, screen);
}

/** Where on the screen a point of the picture, in fractions, is. */
export function onScreen(view: View, { x, y }: Point, picture: Size): Point {
  return { x: (x * picture.width - view.x) * view.scale, y: (y * picture.height - view.y) * view.scale };
}

/** Which point of the picture, in fractions, is at this point of the screen; it may be beside the picture. */
export function onPicture(view: View, { x, y }: Point, picture: Size): Point {
  return { x: (view.x + x / view.scale) / picture.width, y: (view.y + y / view.scale) / picture.height };
}

/** The view as an SVG has it. */
export function viewBox(view: View, screen: Size): string {
  return [view.x, view.y, screen.width / view.scale, screen.height / view.scale].join(' ');
}
