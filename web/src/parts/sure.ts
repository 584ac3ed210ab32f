import { asked, type Question } from './asked.svelte';

/** Does what cannot be undone if somebody is sure, and tells how it went. */
export async function whenSure(
  question: Pick<Question, 'title' | 'text' | 'action'>,
  work: () => Promise<unknown>,
  done: string,
): Promise<void> {
  if (!(await asked.confirm({ ...question, danger: true }))) return;
  try {
    await work();
    asked.tell(done);
  } catch (thrown) {
    asked.fail(thrown);
  }
}
