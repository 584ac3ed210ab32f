// Changing what others may be changing, too.
import { Problem, problemOf } from '../../api/problem';
import { asked } from '../../parts/asked.svelte';
import { words } from '../../words';

/** Does something with the version that it was made from. If somebody was faster, what is new is read, and it is said so. */
export async function unlessFaster<T>(work: () => Promise<T>, reload: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (problemOf(thrown).status !== 412) throw thrown;
    await reload();
    throw new Problem(412, words.system.somebodyFaster);
  }
}

/** Whether a form may be left: nothing would be lost, or somebody wants it so. */
export function mayDiscard(isChanged: boolean): Promise<boolean> {
  if (!isChanged) return Promise.resolve(true);
  return asked.confirm({
    title: words.system.discardTitle,
    text: words.system.discardText,
    action: words.system.discard,
    danger: true,
  });
}
