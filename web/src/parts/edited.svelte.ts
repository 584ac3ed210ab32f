// What somebody changes in a form while others may be changing it, too.
import { Problem, problemOf } from '../api/problem';
import { words } from '../words';
import { changesOf, isSame, merged, unitOf, type Together } from './merge';

/** What a form is made of, with the version that has to be given back with a change. */
export interface Begun<F> {
  form: F;
  tag?: string | number | undefined;
}

export class Edited<F extends object> {
  form: F = $state() as F;
  #begun: F = $state.raw() as F;
  #tag: Begun<F>['tag'];
  readonly #together: Together<F>;
  #both: (keyof F & string)[] = $state.raw([]);

  /** What is another's now, since somebody was faster; undefined: nobody was. */
  taken: (keyof F & string)[] | undefined = $state.raw();
  /** What both have changed, and is not the same yet. */
  readonly both = $derived(this.#both.filter((field) => !isSame(this.form[field], this.#begun[field])));
  readonly changes: Partial<F> = $derived(changesOf(this.#begun, this.form));
  readonly isChanged = $derived(Object.keys(this.changes).length > 0);

  /** Begins with a form that nobody has saved before. */
  constructor(blank: F, together: Together<F> = []) {
    this.#together = together;
    this.begin({ form: blank });
  }

  begin({ form, tag }: Begun<F>): void {
    this.form = structuredClone(form);
    this.#begun = form;
    this.#tag = tag;
    this.#both = [];
    this.taken = undefined;
  }

  /** What there is in a field since the other one has saved. */
  theirs(field: keyof F & string): F[keyof F & string] {
    return this.#begun[field];
  }

  /** Takes what the other one has said, with all that belongs to it. */
  take(field: keyof F & string): void {
    for (const part of unitOf(field, this.#together)) this.form[part] = structuredClone(this.#begun[part]);
  }

  /**
   * Saves. Somebody who was faster is not overwritten: what they have changed is joined with what was changed here, and looked at
   * before it is saved. Where they have changed nothing of this form, there is nothing to look at.
   */
  async save(send: (form: F, tag: Begun<F>['tag']) => Promise<unknown>, read?: () => Promise<Begun<F>>): Promise<void> {
    try {
      await send($state.snapshot(this.form) as F, this.#tag);
      return;
    } catch (thrown) {
      if (!read || problemOf(thrown).status !== 412) throw thrown;
    }
    if (this.#join(await read())) throw new Problem(412, words.form.faster);
    await send($state.snapshot(this.form) as F, this.#tag);
  }

  /** Goes on from what there is now, and tells whether there is something to look at. */
  #join({ form: now, tag }: Begun<F>): boolean {
    const { form, taken, both } = merged(this.#begun, $state.snapshot(this.form) as F, now, this.#together);
    this.form = structuredClone(form);
    this.#begun = now;
    this.#tag = tag;
    if (taken.length + both.length === 0) return false;
    this.taken = [...new Set([...(this.taken ?? []), ...taken])];
    this.#both = [...new Set([...this.#both, ...both])];
    return true;
  }
}
