// Dragging with a mouse, a finger or a pen.

export interface Drag {
  /** It has begun to move. */
  start?: (event: PointerEvent) => void;
  move: (event: PointerEvent) => void;
  /** It was let go; not where it is, if the browser has taken it away. */
  end: (event: PointerEvent, isLetGo: boolean) => void;
  /** It was pressed and let go, and never moved. */
  press?: () => void;
}

/** A hand is never quite still, in pixels. */
const STILL = 4;

/** The listeners of an element that can be dragged, as attributes. */
export function dragged(drag: Drag) {
  let from: { x: number; y: number } | undefined;
  let isMoving = false;
  const finish = (event: PointerEvent, isLetGo: boolean) => {
    if (!from) return;
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
      from = { x: event.clientX, y: event.clientY };
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
    },
    onpointermove(event: PointerEvent): void {
      if (!from) return;
      if (!isMoving && Math.hypot(event.clientX - from.x, event.clientY - from.y) < STILL) return;
      if (!isMoving) drag.start?.(event);
      isMoving = true;
      drag.move(event);
    },
    onpointerup: (event: PointerEvent) => finish(event, true),
    onpointercancel: (event: PointerEvent) => finish(event, false),
  };
}
