// Changing what others may be changing, too.
import { Problem, problemOf } from '../../api/problem';
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
