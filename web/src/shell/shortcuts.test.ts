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
    { keys: 'Ctrl+z', does: '', act: () => done.push('Ctrl+z') },
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

test('a key with Control is for the page first, and a field keeps it', async () => {
  const later = () => new Promise((resolve) => setTimeout(resolve, 1));
  press('z', { ctrlKey: true });
  press('z', { metaKey: true });
  press('z', { ctrlKey: true, altKey: true });
  press('z', { ctrlKey: true, repeat: true });
  press('z', { ctrlKey: true }, document.createElement('input'));
  await later();
  expect(done).toEqual(['Ctrl+z', 'Ctrl+z']);
  const own = new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, cancelable: true });
  document.body.addEventListener('keydown', onKey, { once: true });
  document.body.dispatchEvent(own);
  own.preventDefault();
  await later();
  expect(done).toHaveLength(2);
});

test('letters can be turned off, and the keys that are none stay', () => {
  settings.keys = false;
  press('a');
  press('Escape');
  expect(done).toEqual(['Escape']);
});
