// Dragging with a mouse, a finger or a pen.
import type { Point } from './geometry';

export interface Drag {
  /** It has begun to move. */
  start?: (event: PointerEvent) => void;
  move: (event: PointerEvent) => void;
  /** It was let go; not where it is, if the browser has taken it away. */
  end: (event: PointerEvent, isLetGo: boolean) => void;
  /** It was pressed and let go, and never moved. */
  press?: () => void;
}

/** A hand is never quite still, and a finger less so, in pixels. */
const STILL = 4;
const STILL_FINGER = 10;

/** Whether it is farther from where it was pressed than a hand that is still. */
export function hasMoved(from: Point, to: Point, { pointerType }: Pick<PointerEvent, 'pointerType'>): boolean {
  return Math.hypot(to.x - from.x, to.y - from.y) >= (pointerType === 'touch' ? STILL_FINGER : STILL);
}

/** The listeners of an element that can be dragged, as attributes. */
export function dragged(drag: Drag) {
  let from: (Point & { pointer: number }) | undefined;
  let isMoving = false;
  const finish = (event: PointerEvent, isLetGo: boolean) => {
    if (from?.pointer !== event.pointerId) return;
    from = undefined;
    if (isMoving) drag.end(event, isLetGo);
    else if (isLetGo) drag.press?.();
    isMoving = false;
  };
  return {
    onpointerdown(event: PointerEvent): void {
      if (event.button !== 0) return;
      // What is below would be dragged, too.
      event.stopPropagation();
      // A second finger is not what it is dragged with.
      if (from) return;
      from = { x: event.clientX, y: event.clientY, pointer: event.pointerId };
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    },
    onpointermove(event: PointerEvent): void {
      if (from?.pointer !== event.pointerId) return;
      if (!isMoving && !hasMoved(from, { x: event.clientX, y: event.clientY }, event)) return;
      if (!isMoving) drag.start?.(event);
      isMoving = true;
      drag.move(event);
    },
    onpointerup: (event: PointerEvent) => finish(event, true),
    onpointercancel: (event: PointerEvent) => finish(event, false),
  };
}
