import { afterEach, beforeEach, expect, test } from 'vitest';
import { settings } from '../state/settings.svelte';
import { addShortcuts, onKey } from './shortcuts';

let done: string[] = [];
let remove: () => void;
const press = (key: string, more: KeyboardEventInit = {}, at: Element = document.body) => {
  at.addEventListener('keydown', (event) => onKey(event as KeyboardEvent), { once: true });
  at.dispatchEvent(new KeyboardEvent('keydown', { key, ...more }));
};

beforeEach(() => {
  done = [];
  settings.keys = true;
  remove = addShortcuts(
    { keys: 'a', does: '', act: () => done.push('a') },
    { keys: 'j', does: '', act: () => done.push('j'), isStep: true },
    { keys: 'g a', does: '', act: () => done.push('g a') },
    { keys: 'Escape', does: '', act: () => done.push('Escape') },
  );
});
afterEach(() => remove());

test('a key that is held down acts once, and steps on and on', () => {
  press('a');
  press('a', { repeat: true });
  press('j');
  press('j', { repeat: true });
  expect(done).toEqual(['a', 'j', 'j']);
});

test('two keys together mean something of their own', () => {
  press('g');
  press('a');
  expect(done).toEqual(['g a']);
});

test('whoever writes, or presses a key with another one, means something else', () => {
  press('a', {}, document.createElement('textarea'));
  press('a', { ctrlKey: true });
  expect(done).toEqual([]);
});

test('letters can be turned off, and the keys that are none stay', () => {
  settings.keys = false;
  press('a');
  press('Escape');
  expect(done).toEqual(['Escape']);
});
