// The keyboard's short ways. A page adds its own while it is shown.
import { settings } from '../state/settings.svelte';

export interface Shortcut {
  /** One key, or two, one after the other, or one with Control: `?`, `g a`, `Ctrl+z`. */
  keys: string;
  does: string;
  act: () => void;
  /** Whether it goes on while the key is held down. */
  isStep?: boolean;
}

/** Between two keys that belong together. */
const TOGETHER_MS = 1_000;

const shortcuts = new Set<Shortcut>();
let first = '';
let firstAt = 0;

/** Adds some until the function that is given back is called: as an effect of a component. */
export function addShortcuts(...added: Shortcut[]): () => void {
  added.forEach((one) => shortcuts.add(one));
  return () => added.forEach((one) => shortcuts.delete(one));
}

/** All there are now, for the help. */
export function allShortcuts(): Shortcut[] {
  return [...shortcuts];
}

/** Does what a key means, unless somebody is writing or a dialog is open. */
export function onKey(event: KeyboardEvent): void {
  if (event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  // Nothing is written into a checkbox.
  if (target.closest('input:not([type="checkbox"]), select, textarea, [contenteditable], dialog')) return;
  if (event.ctrlKey || event.metaKey) return withControl(event);
  // What is no letter or sign has a name that is longer.
  if (!settings.keys && event.key.length === 1) return;
  const now = Date.now();
  const keys = now - firstAt < TOGETHER_MS ? `${first} ${event.key}` : event.key;
  const found = find(keys) ?? find(event.key);
  [first, firstAt] = found ? ['', 0] : [event.key, now];
  if (!found) return;
  event.preventDefault();
  // A key that is held down moves on and on, and does nothing more than once.
  if (!event.repeat || found.isStep) found.act();
}

/** A page may have a meaning of its own for it, and is asked later than this. */
function withControl(event: KeyboardEvent): void {
  const found = find(`Ctrl+${event.key}`);
  if (found && !event.repeat) setTimeout(() => event.defaultPrevented || found.act());
}

/** The one that was added last goes first: a page may have a meaning of its own for a key. */
function find(keys: string): Shortcut | undefined {
  return [...shortcuts].reverse().find((one) => one.keys === keys);
}
