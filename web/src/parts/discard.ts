import { words } from '../words';
import { asked } from './asked.svelte';

/** Whether a form may be left: nothing would be lost, or somebody wants it so. */
export function mayDiscard(isChanged: boolean): Promise<boolean> {
  if (!isChanged) return Promise.resolve(true);
  const { discardTitle: title, discardText: text, discard: action } = words.form;
  return asked.confirm({ title, text, action, danger: true });
}
