// How a plan is seen on this screen just now: which part of it, how large.
import type { Box, Point } from './geometry';
import { framed, moved, onPicture, onScreen, revealing, scaleOfWhole, viewBox, whole, zoomed, type Size } from './zoom';

/** One press of a button or a key. */
export const ZOOM_STEP = 1.4;
/** One press of an arrow key moves by so many pixels. */
export const MOVE_STEP = 60;

export class Viewer {
  readonly picture: Size;
  screen: Size = $state.raw({ width: 800, height: 500 });
  view = $state.raw({ x: 0, y: 0, scale: 1 });
  /** Whether the size of the screen is known. */
  isMeasured = $state(false);
  /** What the pointer is compared with. */
  element: SVGSVGElement | undefined;
  #isWhole = true;

  readonly viewBox = $derived(viewBox(this.view, this.screen));
  /** How long a pixel is in the picture. */
  readonly unit = $derived(1 / this.view.scale);
  /** 1: all of it is seen. */
  readonly zoom = $derived.by(() => this.view.scale / scaleOfWhole(this.picture, this.screen));

  constructor(picture: Size) {
    this.picture = picture;
  }

  /** The screen has another size. Whoever has not zoomed sees all of the plan still. */
  resize(screen: Size): void {
    if (screen.width === 0 || screen.height === 0) return;
    this.screen = screen;
    this.isMeasured = true;
    if (this.#isWhole) this.showAll();
  }

  showAll(): void {
    this.view = whole(this.picture, this.screen);
    this.#isWhole = true;
  }

  /** Around a point of the screen, or else around its middle. */
  zoomBy(factor: number, at: Point = { x: this.screen.width / 2, y: this.screen.height / 2 }): void {
    this.#see(zoomed(this.view, factor, at, this.picture, this.screen));
  }

  move(x: number, y: number): void {
    this.#see(moved(this.view, { x, y }, this.picture, this.screen));
  }

  /** Makes sure that a point, in fractions, is seen; so much of the screen's height is free. */
  reveal(point: Point, free = 1): void {
    const screen = { width: this.screen.width, height: this.screen.height * free };
    const view = revealing(this.view, point, this.picture, screen);
    if (view !== this.view) this.#see(view);
  }

  frame(part: Box): void {
    this.#see(framed(part, this.picture, this.screen));
  }

  /** A point of the window, as one of the screen of this plan. */
  within({ clientX, clientY }: { clientX: number; clientY: number }): Point {
    const box = this.element?.getBoundingClientRect();
    return { x: clientX - (box?.left ?? 0), y: clientY - (box?.top ?? 0) };
  }

  /** A point of the window in fractions of the plan. */
  pointAt(event: { clientX: number; clientY: number }): Point {
    return onPicture(this.view, this.within(event), this.picture);
  }

  /** Whether a point of the window is on this plan's screen. */
  isOver(event: { clientX: number; clientY: number }): boolean {
    const { x, y } = this.within(event);
    return x >= 0 && y >= 0 && x <= this.screen.width && y <= this.screen.height;
  }

  /** What is in the middle of the screen, in fractions. */
  get middle(): Point {
    return onPicture(this.view, { x: this.screen.width / 2, y: this.screen.height / 2 }, this.picture);
  }

  onScreen(point: Point): Point {
    return onScreen(this.view, point, this.picture);
  }

  #see(view: typeof this.view): void {
    this.view = view;
    this.#isWhole = false;
  }
}
