// What keys do with what is in somebody's hand.
import type { Editor } from './editor.svelte';
import type { Point } from './geometry';
import type { Viewer } from './viewer.svelte';

/** One press of an arrow key, in pixels, and with Shift. */
const STEP = 4;
const FURTHER = 40;
/** A click this near to the first corner closes an outline. */
const NEAR = 12;

const ARROWS: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Does what a key means, and tells whether it meant anything. */
export function act(event: KeyboardEvent, editor: Editor, viewer: Viewer, finish: () => void): boolean {
  const { held } = editor;
  if (!held || event.ctrlKey || event.metaKey || event.altKey) return false;
  const arrow = ARROWS[event.key];
  if (arrow) {
    const by = (event.shiftKey ? FURTHER : STEP) * viewer.unit;
    editor.holdBy((arrow.x * by) / viewer.picture.width, (arrow.y * by) / viewer.picture.height);
    if (editor.held) viewer.reveal(editor.held.at);
    return true;
  }
  switch (event.key) {
    case 'Enter':
    case ' ':
      if (isAtStart(editor, held.at, viewer)) finish();
      else editor.set();
      return true;
    case 'Escape':
      editor.cancel();
      return true;
    case 'Delete':
      if (held.kind === 'thing') editor.remove(held.thing);
      return true;
    case 'Backspace':
      editor.dropCorner();
      return true;
    case 'c':
      finish();
      return true;
  }
  return false;
}

/** Whether a point closes the outline that is being drawn. */
export function isAtStart(editor: Editor, at: Point, viewer: Viewer): boolean {
  const { held } = editor;
  if (held?.kind !== 'drawing' || !editor.canFinish) return false;
  const [first] = held.corners;
  if (!first) return false;
  const [a, b] = [viewer.onScreen(first), viewer.onScreen(at)];
  return Math.hypot(a.x - b.x, a.y - b.y) < NEAR;
}
